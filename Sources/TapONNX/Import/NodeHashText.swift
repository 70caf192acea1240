// Writes imported nodes as the text from which the structure's hash is computed. This file defines every byte of the
// text. The hash names a store, so the text may not depend on how Swift prints values. Tests/Reference/identities.json
// holds the expected hashes.

import TapFormats
import TapONNXOperators
import TapTensors

enum NodeHashText {
  /// The text of a node: attributes by name, then the operands. Example:
  /// `opset 13 alpha 0.1 axis 1 ([1, 3, 8, 8], tensor, -)`.
  static func attributes(of node: ONNXNode, opset: Int, operands: [String]) -> String {
    let attributes = node.attributes.sorted { $0.key < $1.key }.map { $0.key + " " + attribute($0.value) }
    return "opset " + String(opset) + " " + attributes.joined(separator: " ") + " ("
      + operands.joined(separator: ", ") + ")"
  }

  /// The text of a shape, such as `[1, 3, 8, 8]`.
  static func shape(_ shape: Shape) -> String { list(shape.extents) }

  /// The text of a list of integers, such as `[0, -1]`.
  static func list<Integer: BinaryInteger>(_ values: [Integer]) -> String { list(values.map { String($0) }) }

  /// The text of the zeros around an image.
  static func pads(_ pads: ONNXImporter.Pads) -> String {
    "Pads(top: " + String(pads.top) + ", left: " + String(pads.left) + ", bottom: " + String(pads.bottom)
      + ", right: " + String(pads.right) + ")"
  }

  private static func attribute(_ attribute: ONNXAttribute) -> String {
    switch attribute {
    case .float(let value): ShortestDecimal.text(value)
    case .integer(let value): String(value)
    case .text(let value): value
    // The floats of the tensor are hashed with the weights.
    case .tensor(let value): "tensor " + shape(value.shape)
    case .floats(let values): list(values.map { ShortestDecimal.text($0) })
    case .integers(let values): list(values)
    case .texts(let values): list(values.map(quoted))
    case .unsupported(let what): what
    }
  }

  private static func list(_ elements: [String]) -> String { "[" + elements.joined(separator: ", ") + "]" }

  /// The text in double quotes. Backslashes, quotes of both kinds and control characters have a backslash before them.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "'": result += "\\'"
      case "\0": result += "\\0"
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\u{1}"..."\u{1F}", "\u{7F}":
        result +=
          "\\u{" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16, uppercase: true) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
