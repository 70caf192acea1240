// The highest rate that any layer can reach, measured on demand.

import CTapKernels

extension KernelSet {
  /// The rate of the dense kernel on one thread, in multiply-adds per second. All of its input is in the first-level
  /// cache.
  package func measuredPeak() -> Double {
    max(measuredPeak(denseTile), wideTile.map(measuredPeak) ?? 0)
  }

  private func measuredPeak(_ shape: DenseTile) -> Double {
    let (channels, tileRows, width) = (128, shape.rows, shape.columns)
    let values = [Float](repeating: 0, count: max(channels, (channels + 1) * width))
    var output = [Float](repeating: 0, count: tileRows * width)
    let clock = ContinuousClock()
    let callsOfOneRun = 100
    var shortest = Duration.seconds(1)
    unsafe values.withUnsafeBufferPointer { values in
      unsafe output.withUnsafeMutableBufferPointer { output in
        guard let base = values.baseAddress, let target = output.baseAddress else { return }
        let inputs = unsafe [UnsafePointer<Float>](repeating: base, count: tileRows)
        unsafe inputs.withUnsafeBufferPointer { inputs in
          guard let pointers = inputs.baseAddress else { return }
          var tile = unsafe lt_f32_igemm_tile(
            rows: tileRows, columns: width, panels: 1, panel_stride: 0, positions: 1, channels: channels,
            inputs: pointers,
            first_channel: 0, bias: base, weights: base, ahead: base,
            output: target, output_stride: width, is_last: 1, residual: nil, residual_stride: 0,
            minimum: -.infinity, maximum: .infinity)
          for _ in 0..<500 {
            let start = clock.now
            for _ in 0..<callsOfOneRun { unsafe table.f32_igemm(&tile) }
            shortest = min(shortest, clock.now - start)
          }
        }
      }
    }
    return Double(callsOfOneRun * tileRows * width * channels) / (shortest / .seconds(1))
  }
}
