// `layertap run`: a pipeline file from images to a table, a report and a record.

import LayerTap
import TapFormats

extension Command {
  package static let run = Command(
    "run", overview: "Run a pipeline file: compare layers on labelled images and report the best one.",
    discussion: """
      A pipeline file (JSON5) names a folder with train/ and test/, a backbone and layers. Layer and C \
      are chosen on the training images alone; the test images are used once, at the end. Baselines go \
      the same way: raw pixels, and the same network with random weights.

      Features are kept in the pipeline's store: run again, nothing is computed twice.
      """,
    parameters: [
      pipeline.declaration, Options.threads.declaration, Options.instructionSet.declaration,
      format.declaration, Options.dryRun.declaration,
    ]
  ) { arguments, console in
    let configuration = try RunConfiguration(contentsOf: arguments[pipeline])
    if arguments[Options.dryRun] {
      console.print(plan(configuration))
      return
    }
    let program = "layertap \(CommandLineTool.version)"
    var runner = PipelineRunner(
      configuration, threads: arguments[Options.threads],
      instructionSet: arguments[Options.instructionSet] ?? .best)
    runner.provenance = ["program": .string(program), "command": .string("run")]
    Interruption.watch()
    let progress = RunProgressLines(console)
    defer { progress.finish() }
    let record = try runner.run(progress: progress.show, shouldStop: { Interruption.requested })
    progress.finish()
    if arguments[format] == "json" {
      console.print(record.json(program: program).pretty)
    } else {
      console.print(record.text)
    }
    for (kind, path) in try record.writeFiles(origin: ReportFile.origin) { console.note("\(kind): \(path)") }
  }

  private static let pipeline = Parameter<String>.positional(
    "pipeline", .text, help: "The pipeline file, such as pipelines/surfaces.json5.")

  private static let format = Options.format(["text", "json"])

  private static func plan(_ configuration: RunConfiguration) -> String {
    var lines = [
      "would run \(configuration.name) on \(configuration.images)",
      "  backbone  \(configuration.backbone)",
      "  layers    \(configuration.layers.joined(separator: ", "))",
      "  pool      \(configuration.poolings.map(\.name).joined(separator: ", "))",
      "  store     \(configuration.store)",
    ]
    if let size = configuration.baselines.pixels { lines.append("  baseline  raw pixels \(size)×\(size)") }
    if let seed = configuration.baselines.random { lines.append("  baseline  random weights (seed \(seed))") }
    for (kind, path) in [
      ("report", configuration.report), ("record", configuration.record), ("model", configuration.model),
    ] {
      if let path { lines.append("  " + kind + String(repeating: " ", count: 10 - kind.count) + path) }
    }
    return lines.joined(separator: "\n")
  }
}

/// One progress line for each stage of a pipeline.
private final class RunProgressLines: Sendable {
  private let console: Console
  private let extracting: ProgressLine
  private let selecting: ProgressLine

  init(_ console: Console) {
    self.console = console
    extracting = ProgressLine("extracting", unit: "images", console: console)
    selecting = ProgressLine("comparing", unit: "layers", console: console)
  }

  @Sendable func show(_ progress: RunProgress) {
    switch progress {
    case .extracting(_, let done, let total): extracting.update(done, of: total)
    case .selecting(_, let done, let total): selecting.update(done, of: total)
    }
  }

  func finish() {
    extracting.finish()
    selecting.finish()
  }
}
