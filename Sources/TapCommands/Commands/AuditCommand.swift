// `layertap audit`: says what is wrong with labeled images: labels, copies, splits, files.

import LayerTap
import TapFileSystem
import TapReports
import TapText

extension Command {
  private static let near = Parameter<Double>.option(
    "near", .cosine, valueName: "cosine", default: 0.97,
    topic: .choice, isCommon: true,
    help: "Images are nearly equal if the cosine of their features is at least this large.")

  private static let nearHash = Parameter<Int>.option(
    "near-hash", .integer(in: 0...64), valueName: "bits", default: Auditor.usualHashDistance,
    topic: .choice, isCommon: true,
    help: """
      Images are also nearly equal if at most this many of the 64 bits of their perceptual hashes differ, or of one \
      hash and that of the other, mirrored image.
      """)

  private static let only = Parameter<[String]>.list(
    "only", .choice(Audit.Topic.allCases.map(\.rawValue)), valueName: "topic",
    default: Audit.Topic.allCases.map(\.rawValue), topic: .choice, isCommon: true,
    help: "Look only for findings of these topics. The others take no time.")

  private static let failOn = Parameter<[String]>.list(
    "fail-on", .choice(Audit.Topic.allCases.map(\.rawValue)), valueName: "topic", default: [],
    topic: .output, isCommon: true,
    help: "End with exit code 65 if there is a finding of one of these topics.")

  private static let findings = Parameter<String?>.optional(
    "output", short: "o", .file, valueName: "file", topic: .output, isCommon: true,
    help: "Write a CSV with a line for each finding: kind, path, other, label, suggested, group, found, score.")

  private static let scores = Parameter<String?>.optional(
    "scores", .file, valueName: "file", topic: .output,
    help: "Write a CSV with the score of every label, and the probability that the label is wrong.")

  private static let predictions = Parameter<String?>.optional(
    "predictions", .file, valueName: "file", topic: .output,
    help: """
      Write F.csv or F.npz: for every judged image the probability of every class, from models that were not fitted to the \
      image. The arrays labels and pred_probs of F.npz are what cleanlab reads.
      """)

  private static let format = Options.format(["text", "csv", "json"])

  package static let audit = Command(
    "audit", overview: "Say what is wrong with labeled images: labels, copies, splits, files.",
    discussion: """
      Finds labels that are likely wrong and estimates their number; equal images, and images whose features are nearly \
      equal, within and across splits, and what they are worth: the accuracy on test images with and without them; \
      equal images with different labels; groups in several splits; tiny, blank, blurred and odd-sized images; \
      rare classes. Every image is judged by a model that was fitted to all the others.

        layertap audit photos
        layertap audit photos --output findings.csv
        layertap audit photos --fail-on leak,label
        layertap audit features.npy --only leak,duplicate
      """,
    details: """
      The topics of --only and --fail-on and their kinds of findings: label (label, conflict), leak (leak, near-leak, group-leak), \
      duplicate (duplicate, near-duplicate), image (tiny, blank, blurred, odd-size), imbalance. Nearly equal \
      images are found by their features and by perceptual hashes of their pixels. A store and a file of features are \
      audited without looking at files of images.
      """,
    parameters: [
      DataInput.parameter.declaration, DataInput.labels.declaration,
    ] + DataInput.reading + Options.lists.declarations + Options.features.declarations + [
      near.declaration, nearHash.declaration, only.declaration, failOn.declaration, format.declaration,
      findings.declaration, scores.declaration, predictions.declaration,
    ] + Options.storing + Options.preprocessing.declarations
  ) { arguments, console in
    let outputs = try OutputPaths([
      ("--output", arguments[findings]), ("--scores", arguments[scores]), ("--predictions", arguments[predictions]),
    ])
    try outputs.requireWritable()
    let topics = try topics(arguments)
    let input = AuditInput(
      arguments, console, outputs, looksAtFiles: !topics.isDisjoint(with: [.image, .leak, .duplicate]))
    let (data, summaries) = try input.load()
    var auditor = Auditor(threads: arguments[Options.threads] ?? Threads.available)
    auditor.hashDistance = arguments[nearHash]
    auditor.topics = topics
    auditor.keepsPredictions = arguments[predictions] != nil
    auditor.threshold = arguments[near]
    let line = ProgressLine("comparing", unit: "pairs of blocks of images", console: console, logsOnce: true)
    auditor.progress = { line.update($0, of: $1) }
    let audit = try {
      defer { line.finish() }
      return try auditor.audit(data, summaries: summaries)
    }()
    for warning in audit.warnings { try console.warn(warning.spellingOptions) }
    switch arguments[format] {
    case "csv": console.print(audit.csv, terminator: "")
    case "json": console.print(audit.json(warnings: console.warnings).pretty)
    default: console.print(audit.text)
    }
    if let path = arguments[findings] {
      try OutputPaths.write(audit.csv, to: path)
      console.note("findings: \(path)")
    }
    if let path = arguments[scores] { try OutputPaths.write(audit.labelScores, to: path) }
    if let path = arguments[predictions] { try write(audit.labels?.predictions, to: path) }
    let refused = Audit.Topic.allCases.filter { arguments[failOn].contains($0.rawValue) }
    let found = refused.compactMap { topic -> String? in
      let count = audit.findings.count { $0.kind.topic == topic }
      return count > 0 ? "\(NumberText.grouped(count)) of \(topic.rawValue)" : nil
    }
    if !found.isEmpty { throw CommandError.refusedFindings(found) }
  }
}

extension Command {
  /// The topics to look for.
  private static func topics(_ arguments: ParsedArguments) throws(UsageError) -> Set<Audit.Topic> {
    let topics = Set(arguments[only].compactMap(Audit.Topic.init(rawValue:)))
    for topic in arguments[failOn] where !arguments[only].contains(topic) {
      throw .contradiction("'--fail-on' names \(topic), and '--only' leaves it out")
    }
    for (name, path) in [("--scores", arguments[scores]), ("--predictions", arguments[predictions])]
    where path != nil && !topics.contains(.label) {
      throw .contradiction("'\(name)' is about labels, and '--only' leaves label out")
    }
    if let path = arguments[predictions], !["csv", "npz"].contains(FileSystem.fileExtension(of: path)) {
      throw .contradiction("'--predictions' writes F.csv or F.npz, and \(path) is neither")
    }
    return topics
  }

  /// Writes the predictions. Without judged labels there is no file.
  private static func write(_ predictions: Audit.Predictions?, to path: String) throws {
    guard let predictions else { return }
    if FileSystem.fileExtension(of: path) == "csv" { return try OutputPaths.write(predictions.csv, to: path) }
    guard let bytes = predictions.npz else { throw CommandError.archiveTooLarge(path: path) }
    try AtomicWriter.replace(path, with: bytes)
  }
}

extension ValueType where Value == Double {
  /// The cosine of an acute angle.
  fileprivate static var cosine: ValueType {
    ValueType(
      expectation: "a number above 0 and at most 1", choices: [],
      parse: { Double($0).flatMap { $0 > 0 && $0 <= 1 ? $0 : nil } }, show: { "\($0)" })
  }
}

/// The features to audit, and facts about the files of images.
private struct AuditInput {
  let arguments: ParsedArguments
  let console: Console
  let outputs: OutputPaths
  let looksAtFiles: Bool
  let source: DataInput

  init(_ arguments: ParsedArguments, _ console: Console, _ outputs: OutputPaths, looksAtFiles: Bool) {
    self.arguments = arguments
    self.console = console
    self.outputs = outputs
    self.looksAtFiles = looksAtFiles
    source = DataInput(arguments[DataInput.parameter])
  }

  func load() throws -> (LabeledFeatures, [ImageSummary?]?) {
    try outputs.require(
      apartFrom: source.files(arguments) + [Options.backbone.given(arguments)["backbone"]?.stringValue])
    try source.refuseImageOptions(
      arguments,
      Options.backbone.declarations
        + Options.storing.filter { $0.name != Options.threads.declaration.name }
        + Options.preprocessing.declarations)
    switch source {
    case .images(let path): return try loadImages(path)
    case .store(let path):
      guard arguments[DataInput.labels] == nil else {
        throw UsageError.contradiction("a store has its labels: leave --labels out")
      }
      let store = try FeatureStore(path: path)
      try outputs.require(outside: store.path)
      let named = try Options.features.given(arguments)
      guard case .named(let layers, let poolings) = try Options.features.value(arguments).columns else {
        preconditionFailure("a command line names layers")
      }
      let columns = try DataInput.columns(
        of: store, layers: named["layers"] == nil ? nil : layers,
        poolings: named["pool"] == nil ? nil : poolings)
      return (try grouped(DataInput.features(of: store, columns: columns, console)), nil)
    case .matrix(let path):
      if let name = try ["layers", "pool"].first(where: { try Options.features.given(arguments)[$0] != nil }) {
        throw UsageError.contradiction("'--\(name)' has no meaning for the matrix \(path)")
      }
      let data = try LabeledFeatures(
        matrix: path, labels: arguments[DataInput.labels], names: DataInput.names(arguments))
      for note in data.notes { try console.warn(note) }
      return (try grouped(data), nil)
    }
  }

  private func grouped(_ data: LabeledFeatures) throws -> LabeledFeatures {
    try DataInput.grouped(data, arguments, console, holdsBack: false)
  }

  private func loadImages(_ path: String) throws -> (LabeledFeatures, [ImageSummary?]?) {
    let list = try DataInput.imageList(path, arguments, console, holdsBack: false)
    try outputs.require(apartFrom: list)
    let asked = try Options.features.value(arguments).columns
    let backbone = try Options.loadBackbone(arguments, console, for: asked)
    let columns = try backbone.columns(asked)
    let task = try ExtractionTask(
      list, backbone: backbone, columns: columns, arguments, console, recordsList: false)
    let extraction = try task.run()
    let data = try LabeledFeatures(extraction.items, in: extraction.store, columns: columns)
    guard looksAtFiles else { return (data, nil) }
    let line = ProgressLine("looking at", unit: "images", console: console)
    defer { line.finish() }
    let summaries = ImageFindings.summaries(
      of: data.images.map(list.location), backbone.preprocessing.decoding,
      threads: arguments[Options.threads] ?? Threads.available
    ) { line.update($0, of: data.items.count) }
    return (data, summaries)
  }
}
