// Activations other than a clamp. Each is computed in double without the C library and rounded once, so that the bits are the
// same everywhere.

import TapKernels

/// A function of each element; a NaN stays a NaN.
package enum Activation: String, Hashable, Sendable, CaseIterable {
  /// `1 / (1 + exp(-x))`.
  case sigmoid
  /// `x sigmoid(x)`, also called swish. Elfwing, Uchibe, Doya (2018); Ramachandran, Zoph, Le (2017).
  case silu
  /// `min(max(x + 3, 0), 6) / 6`. Howard et al., "Searching for MobileNetV3" (2019).
  case hardSigmoid
  /// `x hardSigmoid(x)`.
  case hardSwish
  /// `x Φ(x)`, Φ the normal distribution function. Hendrycks, Gimpel (2016).
  case gelu
  case tanh

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
