// `layertap run`: runs a pipeline file. A comparison gives a table, a report and a record; a classification gives the
// backbone's own classes.

import LayerTap
import Synchronization
import TapFileSystem
import TapFormats

extension Command {
  package static let run = Command(
    "run", overview: "Run a pipeline file: compare layers on labeled images and report the best one.",
    discussion: """
      A pipeline file (JSON5) names a folder with train/ and test/, a backbone and layers. Layer, classifier \
      and C are chosen on the training images alone; the test images are used once, at the end. Baselines go \
      the same way: raw pixels, and the same network with random weights. With task: "classify" it gives \
      images the backbone's own classes.

      Features and choices are kept in the pipeline's store: run again, only what changed is computed.
      """,
    parameters: [
      pipeline.declaration, Options.threads.declaration, Options.instructionSet.declaration,
      format.declaration, Options.dryRun.declaration, schema.declaration,
    ]
  ) { arguments, console in
    if arguments[schema] {
      console.print(PipelineSchema.text)
      return
    }
    guard let path = arguments[pipeline] else { throw UsageError.missingArgument("<pipeline>") }
    switch try PipelineFile(contentsOf: path) {
    case .compare(let configuration): try compare(configuration, in: path, arguments, console)
    case .classify(let configuration): try classify(configuration, in: path, arguments, console)
    }
  }

  private static func compare(
    _ configuration: RunConfiguration, in path: String, _ arguments: ParsedArguments, _ console: Console
  ) throws {
    try OutputPaths([
      ("report", configuration.report), ("record", configuration.record), ("model", configuration.model),
    ]).require(apartFrom: [path])
    let program = "layertap \(CommandLineTool.version)"
    var runner = PipelineRunner(
      configuration, threads: arguments[Options.threads],
      instructionSet: arguments[Options.instructionSet] ?? .best)
    runner.stopsAtUnreadable = console.isStrict
    runner.provenance = ["program": .string(program), "command": .string("run")]
    if arguments[Options.dryRun] {
      let plan = try runner.plan()
      for note in plan.notes { try console.warn(note) }
      for text in plan.longTexts { console.note(text.spellingSettings { "\"\($0)\"" }) }
      console.print(plan.text)
      return
    }
    let progress = RunProgressLines(console)
    defer { progress.finish() }
    let record: RunRecord
    do {
      record = try Interruption.stopping {
        try runner.run(
          progress: progress.show, shouldStop: { Interruption.requested || progress.strictError != nil })
      }
    } catch { throw progress.strictError ?? error }
    if let error = progress.strictError { throw error }
    progress.finish()
    if let text = record.untriedText { console.note(text.spellingSettings { "\"\($0)\": true" }) }
    // The text already contains the warnings.
    let isText = arguments[format] == "text"
    for warning in record.warnings {
      if isText { try console.record(warning) } else { try console.warn(warning) }
    }
    console.print(
      isText ? record.text : record.json(program: program, warnings: console.warnings).pretty)
    for (kind, path) in try record.writeFiles(warnings: console.warnings, origin: ReportFile.origin) {
      console.note("\(kind): \(path)")
    }
  }

  private static func classify(
    _ configuration: ClassificationRunConfiguration, in path: String, _ arguments: ParsedArguments, _ console: Console
  ) throws {
    let loaded = try Backbone.loadWithOrigin(
      configuration.backbone, architecture: configuration.architecture,
      isNormalizationGiven: configuration.changes.isComplete,
      changingPreprocessing: configuration.changes.applied)
    for warning in loaded.warnings { try console.warn(warning) }
    let backbone = loaded.backbone
    let source = try PathSource(paths: configuration.images, configuration.list)
    for warning in source.warnings { try console.warn(warning) }
    if let output = configuration.output {
      let outputs = try OutputPaths([("output", output)])
      try outputs.require(apartFrom: [path, configuration.backbone])
      try outputs.require(
        apartFrom: ImageList(paths: configuration.images, configuration.list, isLabeled: false))
    }
    let endsInCSV = configuration.output.map { $0.hasSuffix(".csv") }
    let run = try BackboneClassificationRun(
      backbone, source: source,
      format: endsInCSV.map { $0 ? "csv" : "json" } ?? arguments[format], top: configuration.top,
      threads: arguments[Options.threads], instructionSet: arguments[Options.instructionSet] ?? .best)
    if let output = configuration.output { try FileSystem.requireWritable(output) }
    if arguments[Options.dryRun] {
      console.print(
        """
        would classify \(source.count ?? 0) images with \(configuration.backbone), \(configuration.top) classes each\
        \(configuration.output.map { ", into \($0)" } ?? "")
        Nothing was computed or written (--dry-run).
        """)
    } else if let output = configuration.output {
      try run.run(console, into: output)
      console.note("classes: \(output)")
    } else {
      try run.run(console)
    }
  }

  private static let pipeline = Parameter<String?>.positional(
    "pipeline", .file, unless: "schema", help: "The pipeline file, such as pipelines/surfaces.json5.")

  private static let schema = Parameter<Bool>.flag(
    "schema", help: "Print the JSON Schema of pipeline files, by which editors check them, and run nothing.")

  private static let format = Options.format(["text", "json"])
}

/// One progress line for each stage of a pipeline.
private final class RunProgressLines: Sendable {
  private let console: Console
  private let extracting: ProgressLine
  private let selecting: ProgressLine
  private let estimating: ProgressLine
  private let failure = Mutex<CommandError?>(nil)

  init(_ console: Console) {
    self.console = console
    extracting = ProgressLine("extracting", unit: "images", console: console)
    selecting = ProgressLine("choosing C,", unit: "fits", console: console)
    estimating = ProgressLine("nested cross-validation,", unit: "fits", console: console)
  }

  @Sendable func show(_ progress: RunProgress) {
    switch progress {
    case .extracting(_, let done, let total): extracting.update(done, of: total)
    case .searching(_, let estimate):
      if let text = estimate.longText { console.note(text.spellingSettings { "\"\($0)\"" }) }
      selecting.expect(estimate.seconds)
    case .selecting(_, let done, let total): selecting.update(done, of: total)
    case .judging:
      selecting.finish()
      estimating.finish()
    case .estimating(_, let done, let total): estimating.update(done, of: total)
    case .listed(let lines), .loaded(let lines): warn(lines)
    case .grouped(let text): console.note(text.spellingSettings { "\"\($0)\"" })
    case .tuned(let text, let warnings):
      for warning in warnings { console.note("note: \(warning)") }
      console.note(text)
    }
  }

  /// With `--strict`, the error for the first warning; otherwise nil. The run must end after this error.
  var strictError: CommandError? { failure.withLock { $0 } }

  private func warn(_ lines: [String]) {
    do throws(CommandError) {
      for line in lines { try console.warn(line) }
    } catch { failure.withLock { $0 = $0 ?? error } }
  }

  func finish() {
    for line in [extracting, selecting, estimating] { line.finish() }
  }
}
