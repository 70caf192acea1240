import CTapKernels
import TapKernels
import Testing

@Suite struct IndirectGEMMTests {
  static let cases: [DenseCase] = {
    var cases: [DenseCase] = []
    for rows in [1, 2, 5, 6, 7, 8, 13, 14] {
      for columns in [1, 7, 8, 9, 15, 16, 17, 31, 32] {
        for (positions, channels) in [(1, 1), (1, 19), (9, 3), (3, 13), (1, 124)] {
          cases.append(
            DenseCase(
              rows: rows, columns: columns, positions: positions, channels: channels,
              hasResidual: (rows + columns) % 2 == 0,
              clamp: columns % 3 == 0 ? (0, 6) : (-.infinity, .infinity)))
        }
      }
    }
    return cases
  }()

  @Test(arguments: InstructionSet.available)
  func wideTilesAreForFullPanelsAndManyPixels(instructionSet: InstructionSet) {
    let kernels = KernelSet(instructionSet)
    #expect((kernels.wideTile != nil) == (instructionSet == .avx512))
    #expect(kernels.denseTile(outputs: 64, pixels: 128) == kernels.wideTile ?? kernels.denseTile)
    for (outputs, pixels) in [(64, 127), (63, 128), (96, 4096)] {
      #expect(kernels.denseTile(outputs: outputs, pixels: pixels) == kernels.denseTile)
    }
  }

  /// Compares every instruction set with the sum in double precision. The error of a chain of n fused multiply-adds is
  /// below n * 2^-24 times the sum of the magnitudes.
  @Test(arguments: InstructionSet.available)
  func agreesWithTheSumInDouble(instructionSet: InstructionSet) {
    let kernels = KernelSet(instructionSet)
    for dense in Self.cases
    where dense.rows <= kernels.denseTile.rows && dense.columns <= kernels.denseTile.columns {
      var values = Values(seed: 7)
      let inputs = values.array(dense.positions * dense.rows * dense.channels)
      let weights = values.array(dense.positions * dense.channels * dense.columns)
      let bias = values.array(dense.columns)
      let residual = values.array(dense.rows * dense.columns)
      let result = unsafe dense.run(kernels, inputs: inputs, weights: weights, bias: bias, residual: residual)
      for row in 0..<dense.rows {
        for column in 0..<dense.columns {
          var exact = Double(bias[column])
          var magnitude = abs(exact)
          for position in 0..<dense.positions {
            for channel in 0..<dense.channels {
              let product =
                Double(inputs[(position * dense.rows + row) * dense.channels + channel])
                * Double(weights[(position * dense.channels + channel) * dense.columns + column])
              exact += product
              magnitude += abs(product)
            }
          }
          if dense.hasResidual {
            exact += Double(residual[row * dense.columns + column])
            magnitude += abs(Double(residual[row * dense.columns + column]))
          }
          exact = min(max(exact, Double(dense.clamp.0)), Double(dense.clamp.1))
          let tolerance = Double(dense.terms) * 0x1p-24 * magnitude
          #expect(abs(Double(result[row * dense.columns + column]) - exact) <= tolerance, "\(dense)")
        }
      }
    }
  }

  /// Each output is one chain, so every instruction set gives the same bits as plain Swift.
  @Test(arguments: InstructionSet.available)
  func givesTheBitsOfPlainSwift(instructionSet: InstructionSet) {
    let (portable, kernels) = (KernelSet(.portable), KernelSet(instructionSet))
    let rows = min(portable.denseTile.rows, kernels.denseTile.rows)
    let columns = min(portable.denseTile.columns, kernels.denseTile.columns)
    for dense in Self.cases where dense.rows <= rows && dense.columns <= columns {
      var values = Values(seed: 11)
      let inputs = values.array(dense.positions * dense.rows * dense.channels)
      let weights = values.array(dense.positions * dense.channels * dense.columns)
      let bias = values.array(dense.columns)
      let residual = values.array(dense.rows * dense.columns)
      let (expected, found) = unsafe (
        dense.run(portable, inputs: inputs, weights: weights, bias: bias, residual: residual),
        dense.run(kernels, inputs: inputs, weights: weights, bias: bias, residual: residual)
      )
      #expect(expected.map(\.bitPattern) == found.map(\.bitPattern), "\(dense)")
    }
  }

  /// A call with several panels gives the same bits as a call for each panel, also for a single row, which takes four
  /// panels together.
  @Test(arguments: InstructionSet.available, [3, 4, 9])
  func panelsTogetherGiveTheBitsOfSinglePanels(instructionSet: InstructionSet, panels: Int) {
    let kernels = KernelSet(instructionSet)
    for tile in [kernels.denseTile, kernels.wideTile].compactMap(\.self) {
      for rows in [1, tile.rows] {
        for (positions, isLast) in [(1, true), (3, true), (2, false)] {
          compare(kernels, tile, rows: rows, panels: panels, positions: positions, isLast: isLast)
        }
      }
    }
  }

  private func compare(
    _ kernels: KernelSet, _ tile: DenseTile, rows: Int, panels: Int, positions: Int, isLast: Bool
  ) {
    let (width, channels) = (tile.columns, 5)
    let (stride, columns) = (width * (1 + positions * channels), panels * width)
    var values = Values(seed: 17)
    let (inputs, packed) = (values.array(positions * rows * channels), values.array(panels * stride))
    let residual = values.array(rows * columns)

    /// The outputs `[rows][columns]`, computed with `count` panels in each call.
    func outputs(panelsInACall count: Int) -> [UInt32] {
      var output = [Float](repeating: -77, count: rows * columns)
      unsafe inputs.withUnsafeBufferPointer { inputs in
        unsafe packed.withUnsafeBufferPointer { packed in
          unsafe residual.withUnsafeBufferPointer { residual in
            unsafe output.withUnsafeMutableBufferPointer { output in
              let pointers = unsafe (0..<positions * rows).map { unsafe inputs.baseAddress! + $0 * channels }
              unsafe pointers.withUnsafeBufferPointer { pointers in
                for first in Swift.stride(from: 0, to: panels, by: count) {
                  let bias = unsafe packed.baseAddress! + first * stride
                  var tile = unsafe lt_f32_igemm_tile(
                    rows: rows, columns: width, panels: count, panel_stride: stride, positions: positions,
                    channels: channels, inputs: pointers.baseAddress!, first_channel: 0, bias: bias,
                    weights: bias + width, ahead: bias, output: output.baseAddress! + first * width,
                    output_stride: columns, is_last: isLast ? 1 : 0, residual: residual.baseAddress! + first * width,
                    residual_stride: columns, minimum: -1, maximum: 1)
                  unsafe kernels.table.f32_igemm(&tile)
                }
              }
            }
          }
        }
      }
      return output.map(\.bitPattern)
    }
    #expect(outputs(panelsInACall: panels) == outputs(panelsInACall: 1), "\(rows) rows, \(positions) positions")
    #expect(Set(outputs(panelsInACall: panels)).count > columns / 4)
  }

  /// A wide tile gives the same bits as two tiles of half its width.
  @Test(arguments: InstructionSet.available.filter { KernelSet($0).wideTile != nil })
  func wideTilesGiveTheBitsOfTwo(instructionSet: InstructionSet) throws {
    let kernels = KernelSet(instructionSet)
    let wide = try #require(kernels.wideTile)
    let half = wide.columns / 2
    for rows in 1...wide.rows {
      for (positions, channels) in [(1, 1), (1, 19), (9, 3), (3, 13), (1, 124)] {
        func dense(_ columns: Int) -> DenseCase {
          DenseCase(
            rows: rows, columns: columns, positions: positions, channels: channels,
            hasResidual: rows % 2 == 0, clamp: channels == 13 ? (0, 6) : (-.infinity, .infinity))
        }
        var values = Values(seed: 13)
        let inputs = values.array(positions * rows * channels)
        let weights = values.array(positions * channels * wide.columns)
        let bias = values.array(wide.columns)
        let residual = values.array(rows * wide.columns)
        let found = unsafe dense(wide.columns).run(
          kernels, inputs: inputs, weights: weights, bias: bias, residual: residual)
        for part in [0..<half, half..<wide.columns] {
          func columns(_ matrix: [Float]) -> [Float] {
            matrix.indices.filter { part.contains($0 % wide.columns) }.map { matrix[$0] }
          }
          let expected = unsafe dense(half).run(
            kernels, inputs: inputs, weights: columns(weights), bias: columns(bias),
            residual: columns(residual))
          #expect(
            expected.map(\.bitPattern) == columns(found).map(\.bitPattern), "\(dense(half)), \(part)")
        }
      }
    }
  }

  /// The clamp keeps a NaN and the sign of zero, in every instruction set.
  @Test(arguments: InstructionSet.available)
  func keepsNaN(instructionSet: InstructionSet) {
    let dense = DenseCase(rows: 1, columns: 3, positions: 1, channels: 1, hasResidual: false, clamp: (0, 6))
    let result = unsafe dense.run(
      KernelSet(instructionSet), inputs: [1], weights: [.nan, 9, -9], bias: [0, 0, 0], residual: [])
    #expect(result[0].isNaN)
    #expect(result[1] == 6)
    #expect(result[2] == 0)
  }
}
