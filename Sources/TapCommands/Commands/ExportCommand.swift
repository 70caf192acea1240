// `layertap export`: writes a classifier, or a network up to some layers, for other programs.

import LayerTap
import TapFormats
import TapText

extension Command {
  private static let model = Parameter<String?>.positional(
    "model", .file, unless: "layers",
    help: "A classifier's file, as 'layertap train' writes it. Leave it out for features alone, with --layers.")

  private static let onnx = Parameter<String?>.optional(
    "onnx", .file, valueName: "file", topic: .output, isCommon: true, help: "The ONNX file to write.")

  private static let input = Parameter<ONNXExport.Input>.option(
    "input", .choice, default: .normalized, topic: .output, isCommon: true,
    help: """
      What the file's graph takes: normalized pixels ('input', float32 [N, 3, H, W]), or r, g, b as they are ('pixels', \
      uint8 [N, H, W, 3]), which the graph normalizes. In both cases of an image that has the network's size already.
      """)

  private static let format = Options.format(["text", "json"])

  package static let export = Command(
    "export", overview: "Write a classifier, or a network up to some layers, as an ONNX file.",
    discussion: """
      The file has the network up to the tapped layers, the pooling, and the classifier: scores, and probabilities if \
      the classifier gives any. Before the command says 'written', it reads the file again with its own importer and \
      compares what it computes.

        layertap export shirts.layertap --onnx shirts.onnx
        layertap export --backbone resnet50 --layers layer3 layer4 --onnx features.onnx
      """,
    parameters: [
      model.declaration, onnx.declaration, input.declaration,
    ] + Options.features.declarations + [format.declaration] + Options.preprocessing.declarations
  ) { arguments, console in
    guard let path = arguments[onnx] else { throw UsageError.missingArgument(onnx.declaration.label) }
    let outputs = try OutputPaths([("--onnx", path)])
    try outputs.require(
      apartFrom: [arguments[model], Options.backbone.given(arguments)["backbone"]?.stringValue])
    try outputs.requireWritable()
    let export: ONNXExport
    if let name = arguments[model] {
      export = try classifier(name, arguments, console)
    } else {
      let asked = try Options.features.value(arguments).columns
      let backbone = try Options.loadBackbone(arguments, console, for: asked)
      export = try ONNXExport(backbone, columns: backbone.columns(asked), input: arguments[input])
    }
    if !export.takesBatches {
      try console.warn(
        "The graph has nodes of an ONNX file, whose shapes can contain the batch: the file takes one image at a time.")
    }
    let found = try export.write(to: path, version: CommandLineTool.version)
    console.print(
      arguments[format] == "json"
        ? json(path, export, found, console.warnings).pretty : text(path, export, found))
  }

  private static func classifier(
    _ path: String, _ arguments: ParsedArguments, _ console: Console
  ) throws -> ONNXExport {
    for option in Options.features.declarations + Options.preprocessing.declarations
    where arguments.has(option) && !["backbone", "architecture"].contains(option.name) {
      throw UsageError.contradiction(
        "a model has its layers and its preprocessing: leave '\(option.flagName)' out, or leave the model out")
    }
    let model = try LoadedModel(path)
    guard let source = model.classifier.source else { throw ClassifierError.noBackbone }
    let network = try Options.backbone.value(arguments)
    let backbone = try model.backbone(
      named: Options.backbone.given(arguments)["backbone"] == nil ? nil : network.backbone,
      architecture: network.architecture, source)
    return try ONNXExport(model.classifier, backbone: backbone, input: arguments[input])
  }

  // MARK: - Output

  private static func text(_ path: String, _ export: ONNXExport, _ found: ONNXReadBack) -> String {
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

  private static func json(
    _ path: String, _ export: ONNXExport, _ found: ONNXReadBack, _ warnings: [String]
  ) -> JSONValue {
    .object([
      "output": .string(path), "input": .string(export.input.name), "inputType": .string(export.input.rawValue),
      "outputs": .array(export.outputNames.map(JSONValue.string)), "takesBatches": .bool(export.takesBatches),
      "featuresHaveSameBits": .bool(found.hasSameBits), "featureDifference": .number(found.featureDifference),
      "scoreDifference": found.scoreDifference.map(JSONValue.number) ?? .null,
      "warnings": .array(warnings.map(JSONValue.string)),
    ])
  }
}
