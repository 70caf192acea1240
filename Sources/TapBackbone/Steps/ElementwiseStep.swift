// Element-wise operators that no fusion merged: additions, clamps, batch normalizations and copies.

import CTapKernels
import TapKernels
import TapTensors

struct ElementwiseStep: Step {
  enum Function: Sendable {
    case add(ActivationPlace)
    case multiply(ActivationPlace)
    /// Multiplies each channel by the value that `by` has for that channel; channels-last.
    case scale(by: ActivationPlace, from: ActivationExtents)
    case activation(Activation)
    case clamp(Clamp)
    /// `x * scale[c] + shift[c]`, computed in double precision and rounded once; channels-last.
    case affine(scale: [Double], shift: [Double])
    case copy
  }

  let function: Function
  let input: ActivationPlace
  let output: ActivationPlace
  /// The number of elements of one image.
  let elements: Int
  /// The number of elements of one pixel, if the function depends on it.
  var channels: Int {
    switch function {
    case .scale(_, let extent): extent.channels
    case .affine(let scale, _): scale.count
    case .add, .multiply, .activation, .clamp, .copy: 1
    }
  }

  var algorithm: String { "elementwise" }

  /// A step for whole values.
  init(_ function: Function, _ context: StepContext) {
    self.function = function
    input = context.input.place
    output = context.output.place
    elements = context.outputShape.elementCount
  }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let mine = unsafe workspace.part.range(elements * workspace.count, multipleOf: channels)
    let (x, y) = unsafe (workspace.read(input), workspace.write(output))
    switch function {
    case .add(let other):
      let addend = unsafe workspace.read(other)
      for index in mine { unsafe y[index] = x[index] + addend[index] }
    case .multiply(let other):
      let factor = unsafe workspace.read(other)
      for index in mine { unsafe y[index] = x[index] * factor[index] }
    case .scale(let factors, let extent):
      let scale = unsafe workspace.read(factors)
      for pixel in stride(from: mine.lowerBound, to: mine.upperBound, by: extent.channels) {
        let factor = unsafe scale + pixel / elements * extent.channels
        for channel in 0..<extent.channels {
          unsafe y[pixel + channel] = x[pixel + channel] * factor[channel]
        }
      }
    case .activation(let activation):
      var call = unsafe lt_f32_activation(
        function: activation.function, count: mine.count, input: x + mine.lowerBound,
        output: y + mine.lowerBound)
      unsafe kernels.table.f32_activation(&call)
    case .clamp(let clamp):
      for index in mine {
        let raised = unsafe clamp.minimum > x[index] ? clamp.minimum : x[index]
        unsafe y[index] = clamp.maximum < raised ? clamp.maximum : raised
      }
    case .affine(let scale, let shift):
      for pixel in stride(from: mine.lowerBound, to: mine.upperBound, by: scale.count) {
        for channel in scale.indices {
          unsafe y[pixel + channel] = Float(Double(x[pixel + channel]) * scale[channel] + shift[channel])
        }
      }
    case .copy:
      unsafe (y + mine.lowerBound).update(from: x + mine.lowerBound, count: mine.count)
    }
  }
}
