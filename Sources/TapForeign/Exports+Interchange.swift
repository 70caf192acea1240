// Files for other programs: see layertap.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTapForeign
import LayerTap
import TapReports

@c @implementation public func layertap_classifier_export_onnx(
  _ classifier: layertap_classifier, _ path: UnsafePointer<CChar>?, _ pathSize: Int,
  _ input: UnsafePointer<CChar>?, _ inputSize: Int, _ report: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let object = try object(classifier, as: ClassifierObject.self)
    let request = try unsafe ONNXRequest(path, pathSize, input, inputSize, report)
    try request.write(ONNXExport(object.classifier, backbone: object.backbone(), input: request.input))
  }
}

@c @implementation public func layertap_extractor_export_onnx(
  _ extractor: layertap_extractor, _ path: UnsafePointer<CChar>?, _ pathSize: Int,
  _ input: UnsafePointer<CChar>?, _ inputSize: Int, _ report: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let object = try object(extractor, as: ExtractorObject.self)
    let request = try unsafe ONNXRequest(path, pathSize, input, inputSize, report)
    try request.write(ONNXExport(object.backbone, columns: object.columns, input: request.input))
  }
}

/// The arguments of an export.
private struct ONNXRequest {
  let path: String
  let input: ONNXExport.Input
  private let report: HandleResult

  @unsafe init(
    _ path: UnsafePointer<CChar>?, _ pathSize: Int, _ input: UnsafePointer<CChar>?, _ inputSize: Int,
    _ report: UnsafeMutablePointer<layertap_texts>?
  ) throws {
    self.report = try unsafe HandleResult(report, "report")
    self.path = try unsafe String(filled: path, pathSize, "path")
    let word = try unsafe String(input, inputSize, "input")
    guard let input = word.isEmpty ? .normalized : ONNXExport.Input(rawValue: word) else {
      let words = ONNXExport.Input.allCases.map(\.rawValue).joined(separator: " or ")
      throw ForeignError.argument("input", problem: "it is '\(word)', expected \(words)")
    }
    self.input = input
  }

  func write(_ export: ONNXExport) throws {
    let found = try export.write(to: path, version: Release.version)
    report.set(Texts(ONNXExportReport(export, at: path, found).json))
  }
}
