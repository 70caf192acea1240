// Errors of operands, one case for each defect. Models come from files, so all their shapes and attributes are checked.

import TapTensors

/// The reason why an operation cannot be applied to its operands.
package enum OperatorError: Error, Equatable, CustomStringConvertible {
  /// Two shapes do not broadcast to a common shape.
  case shapesDoNotBroadcast(Shape, Shape)
  /// An operand has too few or too many axes.
  case wrongRank(of: String, expected: String, shape: Shape)
  /// The shape of an operand does not fit the other operands.
  case wrongShape(of: String, expected: String, found: Shape)
  case wrongType(of: String, expected: String, found: ElementType)
  /// An attribute, or the value of an operand, is outside its range.
  case wrongValue(of: String, expected: String, found: String)
  case missing(String)
  case wrongCount(of: String, expected: String, found: Int)
  /// A result would have more elements than ``ONNXTensor/elementLimit``.
  case tooManyElements(shape: [Int], limit: Int)
  case indexOutside(of: String, index: Int64, extent: Int)
  case divisionByZero
  /// A form of the operator that the specification allows, but this program does not implement.
  case unsupported(String)

  package var description: String {
    switch self {
    case .shapesDoNotBroadcast(let a, let b): "the shapes \(a) and \(b) do not broadcast"
    case .wrongRank(let what, let expected, let shape):
      "\(what) should have \(expected) axes but has the shape \(shape)"
    case .wrongShape(let what, let expected, let found):
      "\(what) should have the shape \(expected) but has \(found)"
    case .wrongType(let what, let expected, let found): "\(what) should be \(expected) but is \(found)"
    case .wrongValue(let what, let expected, let found): "\(what) should be \(expected) but is \(found)"
    case .missing(let what): "\(what) is missing"
    case .wrongCount(let what, let expected, let found):
      "expected \(expected) \(what), found \(found)"
    case .tooManyElements(let shape, let limit):
      "a result of shape \(shape) would have more than \(limit) elements"
    case .indexOutside(let what, let index, let extent):
      "an index of \(what) is \(index); expected \(-extent) to \(extent - 1)"
    case .divisionByZero: "an integer is divided by 0"
    case .unsupported(let what): "\(what) is not supported"
    }
  }
}
