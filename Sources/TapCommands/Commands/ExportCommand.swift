// `layertap export`: writes a classifier, or a network up to some layers, for other programs.

import LayerTap
import TapFileSystem
import TapFormats
import TapReports

extension Command {
  private static let model = Parameter<String?>.positional(
    "model", .file, unless: "layers",
    help: "A classifier's file, as 'layertap train' writes it. Leave it out for features alone, with --layers.")

  private static let onnx = Parameter<String?>.optional(
    "onnx", .file, valueName: "file", topic: .output, isCommon: true, help: "The ONNX file to write.")

  private static let executable = Parameter<String?>.optional(
    "executable", .file, valueName: "file", topic: .output, isCommon: true,
    help: "Write a program that contains the model and classifies images by itself. Needs the static command.")

  private static let input = Parameter<ONNXExport.Input>.option(
    "input", .choice, default: .normalized, topic: .output, isCommon: true,
    help: """
      The input of the file's graph: normalized pixels ('input', float32 [N, 3, H, W]), or r, g, b as they are ('pixels', \
      uint8 [N, H, W, 3]), which the graph normalizes. In both cases of an image that has the network's size already.
      """)

  private static let format = Options.format(["text", "json"])

  package static let export = Command(
    "export", overview: "Write a classifier, or a network up to some layers, for other programs.",
    discussion: """
      The file has the network up to the tapped layers, the pooling, and the classifier: scores, and probabilities if \
      the classifier gives any. Before the command says 'written', it reads the file again with its own importer and \
      compares what it computes.

        layertap export shirts.layertap --onnx shirts.onnx
        layertap export --backbone resnet50 --layers layer3 layer4 --onnx features.onnx
        layertap export shirts.layertap --executable shirts && ./shirts photo.jpg
      """,
    parameters: [
      model.declaration, onnx.declaration, executable.declaration, input.declaration,
    ] + Options.features.declarations + [format.declaration] + Options.preprocessing.declarations
  ) { arguments, console in
    guard arguments[onnx] != nil || arguments[executable] != nil else {
      throw UsageError.missingArgument("\(onnx.declaration.label) or \(executable.declaration.label)")
    }
    if arguments[onnx] == nil, arguments.has(input) {
      throw UsageError.contradiction("'--input' is for '--onnx'")
    }
    let outputs = try OutputPaths([("--onnx", arguments[onnx]), ("--executable", arguments[executable])])
    try outputs.require(
      apartFrom: [arguments[model], Options.backbone.given(arguments)["backbone"]?.stringValue])
    try outputs.requireWritable()
    let source = try Source(arguments, console, model: arguments[model])
    if arguments[executable] != nil, source.classifier == nil {
      throw UsageError.contradiction("'--executable' writes a program that classifies: name a model")
    }
    var written: [ExportedFile] = []
    if let path = arguments[onnx] {
      let export = try source.onnx(arguments[input])
      if let warning = ONNXExportReport.warning(export) { try console.warn(warning) }
      let found = try export.write(to: path, version: CommandLineTool.version)
      written.append(.onnx(ONNXExportReport(export, at: path, found)))
    }
    if let path = arguments[executable], let classifier = source.classifier {
      guard let program = Environment.programFile else { throw CommandError.unknownProgram }
      try ExecutableExport(classifier, backbone: source.backbone).write(to: path, program: program)
      written.append(.executable(path))
    }
    if arguments[format] == "json" {
      console.print(
        JSONValue.object([
          "files": .array(written.map(\.json)), "warnings": .array(console.warnings.map(JSONValue.string)),
        ]).pretty)
    } else {
      console.print(written.map(\.text).joined(separator: "\n"))
    }
  }
}

/// The exported thing: a model, or columns of a backbone.
private struct Source {
  let classifier: Classifier?
  let backbone: Backbone
  private let columns: [Column]

  init(_ arguments: ParsedArguments, _ console: Console, model path: String?) throws {
    guard let path else {
      let asked = try Options.features.value(arguments).columns
      classifier = nil
      backbone = try Options.loadBackbone(arguments, console, for: asked)
      columns = try backbone.columns(asked)
      return
    }
    for option in Options.features.declarations + Options.preprocessing.declarations
    where arguments.has(option) && !["backbone", "architecture"].contains(option.name) {
      throw UsageError.contradiction(
        "a model has its layers and its preprocessing: leave '\(option.flagName)' out, or leave the model out")
    }
    let model = try LoadedModel(path)
    guard let source = model.classifier.source else { throw ClassifierError.noBackbone }
    let network = try Options.backbone.value(arguments)
    classifier = model.classifier
    backbone = try model.backbone(
      named: Options.backbone.given(arguments)["backbone"] == nil ? nil : network.backbone,
      architecture: network.architecture, source)
    columns = source.columns
  }

  func onnx(_ input: ONNXExport.Input) throws -> ONNXExport {
    try classifier.map { try ONNXExport($0, backbone: backbone, input: input) }
      ?? ONNXExport(backbone, columns: columns, input: input)
  }
}

/// A file that the command wrote.
private enum ExportedFile {
  case onnx(ONNXExportReport)
  case executable(String)

  var text: String {
    switch self {
    case .onnx(let report): report.text
    case .executable(let path):
      "written: \(path), a program that takes images as 'layertap predict' does; '--about' describes it"
    }
  }

  var json: JSONValue {
    switch self {
    case .onnx(let report): report.json
    case .executable(let path): .object(["format": .string("executable"), "path": .string(path)])
    }
  }
}
