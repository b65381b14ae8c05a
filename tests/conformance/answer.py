"""Stands in for a function or a job of `windlass run`: posts its standard input to a relay, and ends as that says.

    python answer.py URL [ARGUMENT …]
"""

import json
import sys
import urllib.request

url, *arguments = sys.argv[1:]
text = sys.stdin.read()
body = text or json.dumps({"arguments": arguments})
request = urllib.request.Request(url, body.encode(), {"content-type": "application/json"})
with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
    said = json.load(answer)
if "Throw" in said:
    print(json.dumps({"errorType": said["Throw"]["Error"], "errorMessage": said["Throw"].get("Cause", "")}), file=sys.stderr)
    sys.exit(1)
# The result of a Lambda function is in its Payload.
print(json.dumps(said["Return"].get("Payload", said["Return"]) if isinstance(said["Return"], dict) else said["Return"]))
