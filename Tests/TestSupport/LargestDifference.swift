// How far numbers lie from a reference. `max()` passes over a NaN, and a test with it: this does not.

/// The largest absolute difference of numbers in the same order; infinite where one is no number, or where not all have a partner.
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

/// The same over the largest absolute value that was expected.
package func normalizedError(_ found: some Collection<Float>, _ expected: some Collection<Float>) -> Float {
  let largest = expected.map(abs).max() ?? 0
  return largest > 0 ? largestDifference(found, expected) / largest : .infinity
}
