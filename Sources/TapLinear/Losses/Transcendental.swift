// The exponential and logarithms of the C library (libm). libm suffices, because training does not promise equal bits
// on all machines.

import Glibc

func exponential(_ x: Double) -> Double { Glibc.exp(x) }
func logarithm(_ x: Double) -> Double { Glibc.log(x) }
/// log(1 + x), also accurate for small x.
func logarithmOnePlus(_ x: Double) -> Double { Glibc.log1p(x) }
