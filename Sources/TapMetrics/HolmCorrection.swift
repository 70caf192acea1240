// The correction of p-values for the number of tests.

/// Holm's step-down correction for several tests.
public enum HolmCorrection {
  /// The adjusted p-values, in the order of `pValues`:
  /// ```
  /// a₍ᵢ₎ = min(1, max_{j ≤ i} (m - j + 1) p₍ⱼ₎)        p₍₁₎ ≤ … ≤ p₍ₘ₎ sorted, j from 1
  /// ```
  /// Suppose that a difference counts as real if its adjusted value is below α. The probability that at least one
  /// difference without a reason counts as real is then at most α. This holds for any dependence between the tests.
  ///
  /// Source: Holm, "A simple sequentially rejective multiple test procedure" (1979).
  ///
  /// - Precondition: every value is in 0...1.
  public static func adjusted(_ pValues: [Double]) -> [Double] {
    precondition(pValues.allSatisfy { (0...1).contains($0) }, "p-values \(pValues)")
    var adjusted = pValues
    var largest = 0.0
    let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
    for (place, index) in order.enumerated() {
      largest = max(largest, min(1, Double(pValues.count - place) * pValues[index]))
      adjusted[index] = largest
    }
    return adjusted
  }
}
