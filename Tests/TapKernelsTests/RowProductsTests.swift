// Compares the row products of every instruction set with their definition, for awkward extents and chosen rows.

import TapKernels
import TapTensors
import Testing

struct RowProductsTests {
  static let extents = [
    (1, 1, 1), (3, 5, 7), (13, 10, 19), (8, 6, 64), (6, 13, 131), (64, 10, 130), (0, 3, 4),
  ]

  @Test(arguments: InstructionSet.available, extents)
  func equalTheDefinition(instructionSet: InstructionSet, extents: (Int, Int, Int)) {
    let (rows, outputs, columns) = extents
    let products = RowProducts(instructionSet)
    // The numbers are small integers. So every sum is exact in float32, and the results must be equal.
    let x = (0..<((rows + 3) * columns)).map { Double(($0 * 7) % 11 - 5) }
    let weights = (0..<(outputs * columns)).map { Double(($0 * 5) % 13 - 6) }
    let factors = (0..<(rows * outputs)).map { Double(($0 * 3) % 7 - 3) }
    let start = (0..<(outputs * columns)).map { Double($0 % 3) }
    let matrix = MatrixView(rows: rows + 3, columns: columns, elements: x.map { Float($0) })
    let reversed = Array((0..<(rows + 3)).reversed())
    for indices in [nil, reversed] {
      let chosen = FeatureRows(matrix, indices: indices, range: 2..<(2 + rows))
      func row(_ r: Int) -> Int { indices?[r + 2] ?? r + 2 }
      var expectedScores = factors.map { _ in 0.0 }
      var expectedSums = start
      for r in 0..<rows {
        for c in 0..<outputs {
          for j in 0..<columns {
            expectedScores[r * outputs + c] += x[row(r) * columns + j] * weights[c * columns + j]
            expectedSums[c * columns + j] += factors[r * outputs + c] * x[row(r) * columns + j]
          }
        }
      }
      #expect(scores(products, chosen, weights, outputs) == expectedScores)
      #expect(sums(products, chosen, factors, start, outputs) == expectedSums)
      #expect(
        scores(products, chosen, weights.map { Float($0) }, outputs) == expectedScores.map { Float($0) })
      #expect(
        sums(products, chosen, factors.map { Float($0) }, start.map { Float($0) }, outputs)
          == expectedSums.map { Float($0) })
    }
  }

  /// Factors that float32 does not hold: doubles are not rounded on the way.
  @Test(arguments: InstructionSet.available) func doublesStayDoubles(instructionSet: InstructionSet) {
    let columns = 37
    let matrix = MatrixView(
      rows: 5, columns: columns, elements: (0..<(5 * columns)).map { Float($0 % 9) + 0.5 })
    let weights = (0..<(2 * columns)).map { 1 + Double($0) * 0x1p-40 }
    let chosen = FeatureRows(matrix, indices: nil, range: 0..<5)
    let truth = scores(RowProducts(.portable), chosen, weights, 2)
    for (found, expected) in zip(scores(RowProducts(instructionSet), chosen, weights, 2), truth) {
      #expect(abs(found - expected) <= 1e-13 * abs(expected))
    }
  }

  @Test(arguments: InstructionSet.available) func notANumberStays(instructionSet: InstructionSet) {
    let matrix = MatrixView(rows: 4, columns: 33, elements: (0..<132).map { $0 == 70 ? .nan : 1 })
    let chosen = FeatureRows(matrix, indices: nil, range: 0..<4)
    let found = scores(RowProducts(instructionSet), chosen, [Float](repeating: 1, count: 66), 2)
    #expect(found.map(\.isNaN) == [false, false, false, false, true, true, false, false])
  }

  private func scores<T: RowElement>(
    _ products: RowProducts, _ rows: FeatureRows, _ weights: [T], _ outputs: Int
  ) -> [T] {
    var result = [T](repeating: 9, count: rows.count * outputs)
    var span = result.mutableSpan
    products.scores(rows, weights.span, outputs: outputs, into: &span)
    return result
  }

  private func sums<T: RowElement>(
    _ products: RowProducts, _ rows: FeatureRows, _ factors: [T], _ start: [T], _ outputs: Int
  ) -> [T] {
    var result = start
    var span = result.mutableSpan
    products.addSums(rows, factors.span, outputs: outputs, to: &span)
    return result
  }
}
