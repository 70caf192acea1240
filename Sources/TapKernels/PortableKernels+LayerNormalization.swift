// Layer normalization in plain Swift.

import CTapKernels

extension PortableKernels {
  /// `output[p, c] = (input[p, c] - mean) / sqrt(variance + epsilon) * gamma[c] + beta[c]`. The mean and the variance
  /// are those of the channels of pixel p.
  @unsafe static func normalizeLayer(_ call: lt_f32_layer_normalization) {
    let channels = unsafe call.channels
    for pixel in unsafe 0..<call.pixels {
      let (x, y) = unsafe (call.input + pixel * channels, call.output + pixel * channels)
      var sum = 0.0
      for channel in 0..<channels { unsafe sum += Double(x[channel]) }
      let mean = sum / Double(channels)
      var squares = 0.0
      for channel in 0..<channels {
        let deviation = unsafe Double(x[channel]) - mean
        squares += deviation * deviation
      }
      let scale = unsafe 1 / (squares / Double(channels) + call.epsilon).squareRoot()
      for channel in 0..<channels {
        unsafe y[channel] = Float(
          (Double(x[channel]) - mean) * scale * Double(call.gamma[channel]) + Double(call.beta[channel]))
      }
    }
  }
}
