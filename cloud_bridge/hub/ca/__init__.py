"""The hub's certificate authority: who a gateway, a broker and the hub are to each other."""
