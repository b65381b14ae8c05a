a=[ ]
b={  }
c = [ 1 , 2, /* x */ ]
d = f ( b , c /* x */ )
e="${  x  }%{ if  y }z%{  else }%{  for a , b in c }d%{ endfor /* x */ }%{ endif }"
