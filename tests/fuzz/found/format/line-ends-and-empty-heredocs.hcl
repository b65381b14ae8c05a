a = <<E
E
b = f(<<-E
  E
, 1)
l /* c */ {
  d = [for e in (-
1) + # g
 2 : { e = [1] == e
 (h) = 1 }]
}
c = <<E
x
E
