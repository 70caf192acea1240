// Blocks of parameters. The function to minimize does not couple different blocks, so solvers treat each block
// separately.

/// The blocks of parameters `[outputs, columns]`. After these parameters, one more parameter follows for each output.
package struct ParameterBlocks: Hashable, Sendable {
  package let outputs: Int
  package let columns: Int
  /// Whether each output is a block. Otherwise all parameters are a single block.
  package let isSeparable: Bool

  package var count: Int { isSeparable ? outputs : 1 }

  /// Calls the closure with each range of parameters and the block that it belongs to.
  func withEachRange(_ body: (Int, Range<Int>) -> Void) {
    guard isSeparable else {
      body(0, 0..<(outputs * (columns + 1)))
      return
    }
    let split = outputs * columns
    for block in 0..<outputs {
      body(block, (block * columns)..<((block + 1) * columns))
      body(block, (split + block)..<(split + block + 1))
    }
  }

  /// aᵀb for each block.
  func dot(_ a: [Double], _ b: [Double]) -> [Double] {
    precondition(a.count == outputs * (columns + 1) && b.count == a.count)
    guard isSeparable else { return [TapLinear.dot(a, b)] }
    var result = [Double](repeating: 0, count: count)
    withEachRange { block, range in
      var sums = SIMD4<Double>()
      var i = range.lowerBound
      while i + 4 <= range.upperBound {
        let left = SIMD4<Double>(a[i], a[i + 1], a[i + 2], a[i + 3])
        let right = SIMD4<Double>(b[i], b[i + 1], b[i + 2], b[i + 3])
        sums += left * right
        i += 4
      }
      var total = sums.sum()
      while i < range.upperBound {
        total += a[i] * b[i]
        i += 1
      }
      result[block] += total
    }
    return result
  }
}

/// aᵀb, computed as four interleaved sums.
func dot(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count)
  var sums = SIMD4<Double>()
  let whole = a.count & ~3
  for i in stride(from: 0, to: whole, by: 4) {
    let left = SIMD4<Double>(a[i], a[i + 1], a[i + 2], a[i + 3])
    let right = SIMD4<Double>(b[i], b[i + 1], b[i + 2], b[i + 3])
    sums += left * right
  }
  var total = sums.sum()
  for i in whole..<a.count { total += a[i] * b[i] }
  return total
}
