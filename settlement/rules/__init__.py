"""The rules, one module a clause group, in the order of the Code. They meet only in the graph."""
