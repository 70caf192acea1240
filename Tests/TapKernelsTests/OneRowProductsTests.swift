// Compares the products of one row and chosen vectors with their definition, for every instruction set.

import TapKernels
import TapTensors
import Testing

struct OneRowProductsTests {
  /// The numbers are small integers. So every sum is exact in float32, and the results must be equal.
  @Test(arguments: InstructionSet.available, [1, 7, 16, 37, 64, 131])
  func equalTheDefinition(instructionSet: InstructionSet, columns: Int) {
    let products = RowProducts(instructionSet)
    let x = (0..<(4 * columns)).map { Float(($0 * 7) % 11 - 5) }
    let rows = RowAddresses(
      FeatureRows(
        MatrixView(rows: 4, columns: columns, elements: x), indices: [3, 1, 2], range: 0..<3))
    let weights = (0..<(6 * columns)).map { Float(($0 * 5) % 13 - 6) }
    let scale = (0..<columns).map { Float($0 % 3) }
    let factors: [Float] = [2, -1, 3, 0.5, -4]
    for chosen: [UInt8] in [[5], [0, 4], [1, 2, 3], [5, 3, 1, 0], [0, 1, 2, 4, 5]] {
      for (row, origin) in [(0, 3), (2, 2)] {
        let values = Array(x[(origin * columns)..<((origin + 1) * columns)])
        var dots = [Float](repeating: 9, count: chosen.count)
        var span = dots.mutableSpan
        products.dots(
          row, next: 1, of: rows, weights.span, chosen: chosen.span, count: chosen.count, into: &span)
        #expect(
          dots
            == chosen.map { c in (0..<columns).reduce(0) { $0 + values[$1] * weights[Int(c) * columns + $1] }
            })

        for scaling in [[], scale] {
          var (changed, expected) = (weights, weights)
          for (c, factor) in zip(chosen, factors) {
            for j in 0..<columns {
              expected[Int(c) * columns + j] += factor * values[j] * (scaling.isEmpty ? 1 : scaling[j])
            }
          }
          var target = changed.mutableSpan
          products.add(
            row, of: rows, scale: scaling.span, factors: factors.span, chosen: chosen.span,
            count: chosen.count, to: &target)
          #expect(changed == expected)
        }
      }
    }
  }

  /// The other vectors of a call change no bit of a product. So threads can divide the vectors.
  @Test(arguments: InstructionSet.available, [7, 100, 131, 1280])
  func companyChangesNoBit(instructionSet: InstructionSet, columns: Int) {
    let products = RowProducts(instructionSet)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { Float(($0 * 7919) % 1009) / 1009 - 0.5 } }
    let rows = RowAddresses(
      FeatureRows(
        MatrixView(rows: 1, columns: columns, elements: numbers(columns)), indices: [0], range: 0..<1))
    let weights = numbers(9 * columns)
    func dots(_ chosen: [UInt8]) -> [Float] {
      var dots = [Float](repeating: 9, count: chosen.count)
      var span = dots.mutableSpan
      products.dots(0, next: 0, of: rows, weights.span, chosen: chosen.span, count: chosen.count, into: &span)
      return dots
    }
    let alone = (0..<9).map { dots([UInt8($0)])[0] }
    for count in 2...9 { #expect(dots((0..<count).map { UInt8($0) }) == Array(alone.prefix(count))) }
  }
}
