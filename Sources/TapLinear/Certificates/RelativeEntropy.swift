// One term of the sums in the certificates of logistic losses.

/// p log(p/q) - p + q for p, q ≥ 0. It is at least 0, and 0 only if p = q. The sum over all elements of two
/// distributions is KL(p‖q).
///
/// With r = (p - q)/q, the term is q ((1 + r) log(1 + r) - r). If p and q nearly agree, the term is computed as a power
/// series in r, whose terms do not cancel.
///
/// - Parameter logQ: log q. It is evaluated only if q itself is too small for a double.
@inline(__always)
func relativeEntropy(_ p: Double, _ q: Double, logQ: @autoclosure () -> Double) -> Double {
  let r = (p - q) / q
  if abs(r) < 0.01 {
    return q * r * r * (1.0 / 2 - r * (1.0 / 6 - r * (1.0 / 12 - r * (1.0 / 20 - r * (1.0 / 30 - r / 42)))))
  }
  if p == 0 { return q }
  if q > 1e-290 { return p * logarithm(p / q) - p + q }
  return p * (logarithm(p) - logQ()) - p + q
}
