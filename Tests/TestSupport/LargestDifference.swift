// The distance of numbers from a reference. `max()` can ignore a NaN, so that a test passes. These functions do not.

/// The largest absolute difference of numbers in the same order. It is infinite if a number is NaN, or if the counts
/// differ.
package func largestDifference(_ found: some Collection<Float>, _ expected: some Collection<Float>) -> Float {
  guard found.count == expected.count else { return .infinity }
  var largest: Float = 0
  for (a, b) in zip(found, expected) {
    let difference = abs(a - b)
    guard difference.isFinite else { return .infinity }
    largest = max(largest, difference)
  }
  return largest
}

/// The largest absolute difference, divided by the largest absolute expected value.
package func normalizedError(_ found: some Collection<Float>, _ expected: some Collection<Float>) -> Float {
  let largest = expected.map(abs).max() ?? 0
  return largest > 0 ? largestDifference(found, expected) / largest : .infinity
}
