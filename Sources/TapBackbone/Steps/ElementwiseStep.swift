// What fusion left over, one element at a time: additions, clamps, batch normalisations, copies.

import TapTensors

struct ElementwiseStep: Sendable {
  enum Function: Sendable {
    case add(Place)
    case multiply(Place)
    /// Each channel by the value of that channel; channels last.
    case scale(by: Place, from: Extent)
    case activation(Activation)
    case clamp(Clamp)
    /// `x * scale[c] + shift[c]`, in double, rounded once; channels last.
    case affine(scale: [Double], shift: [Double])
    case copy
  }

  let function: Function
  let input: Place
  let output: Place
  /// Elements of one image.
  let elements: Int
  /// Elements of one pixel, when that matters to the function.
  var channels: Int {
    switch function {
    case .scale(_, let extent): extent.channels
    case .affine(let scale, _): scale.count
    default: 1
    }
  }

  @unsafe func run(_ workspace: Workspace) {
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
      unsafe activation.apply(x + mine.lowerBound, mine.count, into: y + mine.lowerBound)
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

extension Activation {
  /// The loop is written out for each function, so that the compiler sees what it is.
  @unsafe fileprivate func apply(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .sigmoid: for index in 0..<count { unsafe y[index] = Float(Self.sigmoid(Double(x[index]))) }
    case .silu: for index in 0..<count { unsafe y[index] = Float(Self.silu(Double(x[index]))) }
    case .hardSigmoid: for index in 0..<count { unsafe y[index] = Float(Self.hardSigmoid(Double(x[index]))) }
    case .hardSwish:
      for index in 0..<count {
        unsafe y[index] = Float(Double(x[index]) * Self.hardSigmoid(Double(x[index])))
      }
    case .gelu: for index in 0..<count { unsafe y[index] = Float(Self.gelu(Double(x[index]))) }
    case .tanh: for index in 0..<count { unsafe y[index] = Float(Self.tanh(Double(x[index]))) }
    }
  }
}
