// Normalizations of several values together: the channels of a pixel, or a vector.

import CTapKernels
import TapKernels
import TapTensors

/// Layer normalization of each pixel, computed in double precision and rounded once.
struct LayerNormalizationStep: Step {
  let normalization: LayerNormalization
  let input: ActivationPlace
  let output: ActivationPlace
  /// The number of pixels of one image.
  let pixels: Int

  var algorithm: String { "layer normalization" }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let channels = normalization.gamma.count
    let mine = unsafe workspace.part.range(pixels * workspace.count, multipleOf: 1)
    unsafe normalization.gamma.withUnsafeBufferPointer { gamma in
      unsafe normalization.beta.withUnsafeBufferPointer { beta in
        guard let gamma = gamma.baseAddress, let beta = beta.baseAddress else { return }
        var call = unsafe lt_f32_layer_normalization(
          pixels: mine.count, channels: channels,
          input: workspace.read(input) + mine.lowerBound * channels,
          output: workspace.write(output) + mine.lowerBound * channels, gamma: gamma, beta: beta,
          epsilon: normalization.epsilon)
        unsafe kernels.table.f32_layer_normalization(&call)
      }
    }
  }
}

/// Softmax of a vector. The largest element is subtracted before the exponential. If an element is NaN, all results are
/// NaN.
struct SoftmaxStep: Step {
  let input: ActivationPlace
  let output: ActivationPlace
  let count: Int

  var algorithm: String { "softmax" }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
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
