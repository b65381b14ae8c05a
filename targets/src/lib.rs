//! What each platform needs: a plan goes in, artifacts come out.
