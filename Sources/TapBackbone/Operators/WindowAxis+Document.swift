// A window along one axis in the document of a graph.

import TapFormats

extension WindowAxis {
  /// The range of sizes; no image network has larger ones.
  private static let extents = 1...4096

  var document: JSONValue {
    let padding: JSONValue =
      switch padding {
      case .same: .string("same")
      case .around(let before, let after): .array([.integer(before), .integer(after)])
      }
    return .object([
      "kernel": .integer(kernel), "stride": .integer(stride), "dilation": .integer(dilation),
      "padding": padding, "roundsUp": .bool(roundsUp),
    ])
  }

  /// Nil if the document does not describe a window.
  init?(document: JSONValue) {
    func extent(_ name: String) -> Int? {
      document[name]?.intValue.flatMap { Self.extents.contains($0) ? $0 : nil }
    }
    guard let kernel = extent("kernel"), let stride = extent("stride"), let dilation = extent("dilation"),
      case .bool(let roundsUp)? = document["roundsUp"]
    else { return nil }
    let padding: Padding
    if document["padding"]?.stringValue == "same" {
      padding = .same
    } else {
      let ends = document["padding"]?.arrayValue?.compactMap(\.intValue) ?? []
      guard ends.count == 2, ends.allSatisfy({ 0...Self.extents.upperBound ~= $0 }) else { return nil }
      padding = .around(before: ends[0], after: ends[1])
    }
    self.init(kernel: kernel, stride: stride, dilation: dilation, padding: padding, roundsUp: roundsUp)
  }
}
