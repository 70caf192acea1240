// An extraction as every command runs it: progress on a terminal, control-C, and a word on standard
// error about whatever was left out.

import LayerTap
import TapFormats
import TapReports

/// Features of a list of images, computed where the store lacks them.
struct ExtractionTask {
  let list: ImageList
  let extractor: FeatureExtractor
  /// The parent folder of the stores.
  private let store: String
  private let isConsentGiven: Bool

  /// Lists at most this many files by name.
  private static let shown = 10

  /// - Parameter arguments: of a command that declares `Options.extraction`.
  init(_ list: ImageList, backbone: Backbone, columns: [Column], _ arguments: ParsedArguments) {
    self.list = list
    store = arguments[Options.store]
    isConsentGiven = arguments[Options.yes]
    var extractor = FeatureExtractor(
      backbone: backbone, columns: columns, threads: arguments[Options.threads],
      instructionSet: arguments[Options.instructionSet] ?? .best)
    extractor.dropsMissingRows = arguments[Options.dropMissing]
    extractor.stopsAtUnreadable = arguments[Options.strict]
    self.extractor = extractor
  }

  /// What the extraction will cost.
  ///
  /// - Parameter isTimed: whether an image is computed to tell the time as well.
  func estimate(isTimed: Bool) throws -> ExtractionEstimate {
    try extractor.estimate(list, into: store, isTimed: isTimed)
  }

  /// - Throws: ``CommandError/wouldFillDisk(path:bytes:free:)`` unless the user agreed to that;
  ///   ``FeatureError``; ``CommandError/noneReadable(count:)`` if not a single image could be used.
  func run(_ console: Console, _ estimate: ExtractionEstimate? = nil) throws -> Extraction {
    let estimate = try estimate ?? self.estimate(isTimed: false)
    if estimate.needsConsent, !isConsentGiven {
      throw CommandError.wouldFillDisk(
        path: estimate.path, bytes: estimate.bytes, free: estimate.freeBytes)
    }
    Interruption.watch()
    Self.note(list, console)
    let lines: [ExtractionProgress.Stage: ProgressLine] = [
      .identifying: ProgressLine("reading", unit: "images", console: console),
      .filling: ProgressLine("extracting new columns of", unit: "images", console: console, logsOnce: true),
      .extracting: ProgressLine("extracting", unit: "images", console: console, logsOnce: true),
    ]
    defer { for line in lines.values { line.finish() } }
    let extraction = try extractor.extract(
      list, into: store,
      provenance: [
        "version": .string(CommandLineTool.version),
        "command": .array(CommandLine.arguments.map(JSONValue.string)),
      ],
      progress: { lines[$0.stage]?.update($0.done, of: $0.total) },
      shouldStop: { Interruption.requested })
    for line in lines.values { line.finish() }
    Self.note(extraction, console)
    guard !extraction.readable.isEmpty else { throw CommandError.noneReadable(count: list.items.count) }
    return extraction
  }

  /// Says what a list passed over.
  static func note(_ list: ImageList, _ console: Console) {
    noteAll(list.notes, console) { $0 }
    if !list.unmatched.isEmpty {
      console.note("\(NumberText.grouped(list.unmatched.count)) paths of the manifest lead to no file:")
      noteAll(list.unmatched, console) { "  \($0)" }
    }
  }

  private static func note(_ extraction: Extraction, _ console: Console) {
    let unreadable = extraction.unreadable
    if !unreadable.isEmpty {
      console.note("\(NumberText.grouped(unreadable.count)) images could not be read and are left out:")
      noteAll(unreadable, console) { "  \($0.path): \($0.reason)" }
    }
    if extraction.contentsInSeveralSplits > 0 {
      console.note(
        "\(NumberText.grouped(extraction.contentsInSeveralSplits)) images lie in more than one split: "
          + "what is tested was trained on")
    }
  }

  private static func noteAll<Element>(
    _ elements: [Element], _ console: Console, _ text: (Element) -> String
  ) {
    for element in elements.prefix(shown) { console.note(text(element)) }
    if elements.count > shown {
      console.note("  and \(NumberText.grouped(elements.count - shown)) more")
    }
  }
}

extension Options {
  /// The backbone, with tuned algorithms if the command line asks for them.
  ///
  /// - Parameter arguments: of a command that declares `tune`, `store` and `instructionSet`.
  static func tuned(_ backbone: Backbone, _ arguments: ParsedArguments, _ console: Console) throws -> Backbone
  {
    guard try tune.value(arguments).tunes else { return backbone }
    return try tuned(
      backbone, stores: arguments[store], instructionSet: arguments[instructionSet] ?? .best, console)
  }

  /// The backbone with tuned algorithms, and a word on where they come from.
  ///
  /// - Parameter stores: a parent of stores, one of which may settle them; nil for none.
  static func tuned(
    _ backbone: Backbone, stores: String?, instructionSet: InstructionSet, _ console: Console
  ) throws -> Backbone {
    let tuned = try BackboneTuning().tuned(backbone, stores: stores, instructionSet: instructionSet)
    for remark in tuned.remarks { console.note("note: \(remark)") }
    console.note(tuned.text)
    return tuned.backbone
  }

  /// The backbone that the command line names, with the preprocessing that it asks for; a guessed one is remarked upon.
  ///
  /// - Parameter arguments: of a command that declares `backbone` and `preprocessing`.
  static func loadBackbone(_ arguments: ParsedArguments, _ console: Console) throws -> Backbone {
    let settings = try extraction([backbone, preprocessing], arguments)
    let changes = settings.changes
    let loaded = try Backbone.loaded(
      settings.backbone, isComplete: changes.isComplete, changing: changes.applied)
    for remark in loaded.remarks { console.note(remark) }
    switch loaded.origin {
    case .architecture where changes.mean == nil:
      console.note(
        "Nothing is known of these weights' preprocessing: that of \(loaded.backbone.name)'s first published ones is used "
          + "(--mean, --std, --size, … change it; 'layertap layers' shows it).")
    case .file(let path): console.note("preprocessing from \(path)")
    case .published(let name) where backbone.firstGiven(arguments) != nil:
      console.note("preprocessing as published for \(name)")
    default: break
    }
    return loaded.backbone
  }
}
