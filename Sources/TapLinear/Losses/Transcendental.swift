// Exponential and logarithms of the C library; training promises no bits across machines, so libm will do.

import Glibc

func exponential(_ x: Double) -> Double { Glibc.exp(x) }
func logarithm(_ x: Double) -> Double { Glibc.log(x) }
/// log(1 + x), exact for small x.
func logarithmOnePlus(_ x: Double) -> Double { Glibc.log1p(x) }
