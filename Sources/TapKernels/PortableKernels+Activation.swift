// Activations in plain Swift. Each is computed in double precision without the C library, and rounded once. So the bits
// are the same on all machines.

import CTapKernels

extension PortableKernels {
  /// Each function has its own loop, so that the compiler can specialize the loop.
  @unsafe static func activate(_ call: lt_f32_activation) {
    switch unsafe Int(call.function) {
    case LT_SIGMOID: unsafe forEach(call) { sigmoid($0) }
    case LT_SILU: unsafe forEach(call) { silu($0) }
    case LT_HARD_SIGMOID: unsafe forEach(call) { hardSigmoid($0) }
    case LT_HARD_SWISH: unsafe forEach(call) { $0 * hardSigmoid($0) }
    case LT_GELU: unsafe forEach(call) { gelu($0) }
    case LT_TANH: unsafe forEach(call) { tanh($0) }
    default: preconditionFailure("no activation \(unsafe call.function)")
    }
  }

  @unsafe @inline(__always)
  private static func forEach(_ call: lt_f32_activation, _ function: (Double) -> Double) {
    for index in unsafe 0..<call.count {
      unsafe call.output[index] = Float(function(Double(call.input[index])))
    }
  }

  @inline(__always) static func sigmoid(_ x: Double) -> Double { 1 / (1 + Transcendental.exponential(-x)) }

  @inline(__always) static func silu(_ x: Double) -> Double { x / (1 + Transcendental.exponential(-x)) }

  @inline(__always) static func hardSigmoid(_ x: Double) -> Double {
    let raised = 0 > x + 3 ? 0 : x + 3
    return (6 < raised ? 6 : raised) / 6
  }

  @inline(__always) static func gelu(_ x: Double) -> Double {
    0.5 * x * (1 + Transcendental.errorFunction(x * 0.7071067811865476))
  }

  @inline(__always) static func tanh(_ x: Double) -> Double {
    1 - 2 / (Transcendental.exponential(2 * x) + 1)
  }
}
