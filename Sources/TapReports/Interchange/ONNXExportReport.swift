// The report on an export to ONNX, as text and as JSON.

import TapFormats
import TapInterchange
import TapText

/// The report on a written file.
package struct ONNXExportReport: Sendable {
  let path: String
  let export: ONNXExport
  let found: ONNXReadBack

  package init(_ export: ONNXExport, at path: String, _ found: ONNXReadBack) {
    self.path = path
    self.export = export
    self.found = found
  }

  /// The warning about a file that takes one image; nil if it takes any number.
  package static func warning(_ export: ONNXExport) -> String? {
    export.takesBatches
      ? nil
      : "The graph has nodes of an ONNX file, whose shapes can contain the batch: the file takes one image at a time."
  }

  package var text: String {
    let features =
      found.hasSameBits
      ? "the same bits" : "at most \(NumberText.significant(found.featureDifference)) of the largest apart"
    let scores = found.scoreDifference.map { ", scores at most \(NumberText.significant($0)) apart" } ?? ""
    return """
      written: \(path)
      input: \(export.input.name), \(export.input.rawValue); outputs: \(export.outputNames.joined(separator: ", "))
      read again and compared: features \(features)\(scores)
      """
  }

  package var json: JSONValue {
    .object([
      "format": .string("onnx"), "path": .string(path), "input": .string(export.input.name),
      "inputType": .string(export.input.rawValue), "outputs": .array(export.outputNames.map(JSONValue.string)),
      "takesBatches": .bool(export.takesBatches), "featuresHaveSameBits": .bool(found.hasSameBits),
      "featureDifference": .number(found.featureDifference),
      "scoreDifference": found.scoreDifference.map(JSONValue.number) ?? .null,
    ])
  }
}
