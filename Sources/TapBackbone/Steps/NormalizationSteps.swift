// Normalisations that look at several values at once: over a pixel's channels, over a vector.

import TapKernels
import TapTensors

/// Layer normalisation of each pixel, in double, rounded once.
struct LayerNormalizationStep: Sendable {
  let normalization: LayerNormalization
  let input: Place
  let output: Place
  /// Of one image.
  let pixels: Int

  @unsafe func run(_ workspace: Workspace) {
    let channels = normalization.gamma.count
    let (source, target) = unsafe (workspace.read(input), workspace.write(output))
    for pixel in unsafe workspace.part.range(pixels * workspace.count, multipleOf: 1) {
      let (x, y) = unsafe (source + pixel * channels, target + pixel * channels)
      var sum = 0.0
      for channel in 0..<channels { unsafe sum += Double(x[channel]) }
      let mean = sum / Double(channels)
      var squares = 0.0
      for channel in 0..<channels {
        let deviation = unsafe Double(x[channel]) - mean
        squares += deviation * deviation
      }
      let scale = 1 / (squares / Double(channels) + normalization.epsilon).squareRoot()
      for channel in 0..<channels {
        unsafe y[channel] = Float(
          (Double(x[channel]) - mean) * scale * Double(normalization.gamma[channel])
            + Double(normalization.beta[channel]))
      }
    }
  }
}

/// Softmax of a vector; the largest element is subtracted first. A NaN makes every element NaN.
struct SoftmaxStep: Sendable {
  let input: Place
  let output: Place
  let count: Int

  @unsafe func run(_ workspace: Workspace) {
    for image in unsafe workspace.part.range(workspace.count, multipleOf: 1) {
      let x = unsafe workspace.read(input) + image * count
      let y = unsafe workspace.write(output) + image * count
      var largest = -Float.infinity
      for index in 0..<count { unsafe largest = x[index] > largest ? x[index] : largest }
      var sum = 0.0
      for index in 0..<count { unsafe sum += Transcendental.exponential(Double(x[index]) - Double(largest)) }
      for index in 0..<count {
        unsafe y[index] = Float(Transcendental.exponential(Double(x[index]) - Double(largest)) / sum)
      }
    }
  }
}
