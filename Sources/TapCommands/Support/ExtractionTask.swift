// Runs an extraction for a command, with progress on a terminal. Control-C stops the extraction. Warnings on standard
// error name everything that was left out.

import LayerTap
import TapFileSystem
import TapFormats
import TapReports
import TapText

/// Features of a list of images. Features that the store lacks are computed.
struct ExtractionTask {
  let list: ImageList
  let extractor: FeatureExtractor
  /// The parent folder of the stores.
  private let store: StorePlace
  /// The shard of the list that is extracted; nil for the whole list.
  private let shard: Shard?
  /// The list without the limits of a shard.
  private let whole: ImageList
  private let isConsentGiven: Bool
  private let console: Console

  /// Whether this command extracted the same list before, so that the warnings about the list are already written.
  private let isRepeated: Bool

  /// Warns about skipped files of the list.
  ///
  /// - Parameters:
  ///   - shard: the part of the list to extract; nil for the whole list.
  ///   - arguments: the arguments of a command that declares `Options.storing`.
  ///   - isRepeated: whether this command extracted the same list before.
  ///   - recordsList: whether the list becomes the store's own list. Commands that only read features leave the store's
  ///     list unchanged.
  init(
    _ list: ImageList, shard: Shard? = nil, backbone: Backbone, columns: [Column],
    _ arguments: ParsedArguments, _ console: Console, isRepeated: Bool = false, recordsList: Bool = true
  ) throws {
    self.list = shard?.part(of: list) ?? list
    self.shard = shard
    whole = list
    self.isRepeated = isRepeated
    self.console = console
    store = Options.storePlace(arguments)
    isConsentGiven = arguments[Options.yes]
    var extractor = FeatureExtractor(
      backbone: backbone, columns: columns, threads: arguments[Options.threads],
      instructionSet: arguments[Options.instructionSet] ?? .best)
    extractor.dropsMissingRows = arguments[Options.dropMissing]
    extractor.stopsAtUnreadable = console.isStrict
    extractor.recordsList = recordsList
    self.extractor = extractor
    if !isRepeated { try Self.warn(of: list, console) }
  }

  /// The parent folder of the store that is written.
  private var parent: String {
    shard.map { extractor.workFolder(of: $0, below: store.path) } ?? store.path
  }

  /// The extraction of a complete shard of the list; nil if the shard is not complete, or if the whole list is
  /// extracted.
  func completeShard() throws -> Extraction? {
    try shard.flatMap { try extractor.completeShard($0, of: whole, below: store.path) }
  }

  /// The cost of the extraction.
  ///
  /// - Parameter isTimed: whether one image is computed, to estimate the time too.
  func estimate(isTimed: Bool) throws -> ExtractionEstimate {
    try extractor.estimate(list, into: parent, isTimed: isTimed)
  }

  /// - Throws: ``CommandError/wouldFillDisk(path:bytes:free:)`` unless the user allowed a full disk; ``FeatureError``;
  /// ``CommandError/noneReadable(count:)`` if no image could be used.
  func run(_ estimate: ExtractionEstimate? = nil) throws -> Extraction {
    let estimate = try estimate ?? self.estimate(isTimed: false)
    if estimate.needsConsent, !isConsentGiven {
      throw CommandError.wouldFillDisk(
        path: estimate.path, bytes: estimate.bytes, free: estimate.freeBytes)
    }
    noteStoreAbove(estimate)
    let lines: [ExtractionProgress.Stage: ProgressLine] = [
      .identifying: ProgressLine("reading", unit: "images", console: console),
      .filling: ProgressLine("extracting new columns of", unit: "images", console: console, logsOnce: true),
      .extracting: ProgressLine("extracting", unit: "images", console: console, logsOnce: true),
    ]
    defer { for line in lines.values { line.finish() } }
    let extraction = try Interruption.stopping {
      try extractor.extract(
        list, into: parent,
        provenance: [
          "version": .string(CommandLineTool.version),
          "command": .array(Environment.arguments.map(JSONValue.string)),
        ],
        progress: { lines[$0.stage]?.update($0.done, of: $0.total) },
        shouldStop: { Interruption.requested })
    }
    for line in lines.values { line.finish() }
    if !isRepeated { try warn(of: extraction) }
    if let shard { return try extractor.complete(shard, of: whole, extraction, below: store.path) }
    try extraction.requireClasses()
    guard !extraction.readable.isEmpty else { throw CommandError.noneReadable(count: list.items.count) }
    return extraction
  }

  /// Writes a note with the path of existing features if features of these images would be computed again.
  private func noteStoreAbove(_ estimate: ExtractionEstimate) {
    guard estimate.images > 0,
      let (path, count) = store.storeAbove(holding: list, identity: extractor.identity)
    else { return }
    console.note(
      "\(path) holds features of \(NumberText.grouped(count)) of the \(NumberText.grouped(list.items.count)) images already: "
        + "--store \(path) uses them.")
  }

  /// Warns about skipped files of a list.
  static func warn(of list: ImageList, _ console: Console) throws {
    for note in list.notes { try console.warn(note) }
    if !list.unmatched.isEmpty {
      try console.warn(
        "\(NumberText.grouped(list.unmatched.count)) paths of the manifest lead to no file",
        details: list.unmatched)
    }
  }

  private func warn(of extraction: Extraction) throws {
    let unreadable = extraction.unreadable
    if !unreadable.isEmpty {
      try console.warn(
        "\(NumberText.grouped(unreadable.count)) images could not be read and are left out",
        details: unreadable.map { "\($0.path): \($0.reason)" })
    }
    if let reason = extraction.listRemains {
      try console.warn(
        "The list of \(extraction.store.path) stays as it was, with other images than these: \(reason)")
    }
    if extraction.contentsInSeveralSplits > 0 {
      try console.warn(
        "\(NumberText.grouped(extraction.contentsInSeveralSplits)) images lie in more than one split: "
          + "what is tested was trained on")
    }
  }
}

extension Options {
  /// The backbone, with tuned algorithms if the command line requests tuning.
  ///
  /// - Parameter arguments: the arguments of a command that declares `tune`, `store` and `instructionSet`.
  static func tuned(_ backbone: Backbone, _ arguments: ParsedArguments, _ console: Console) throws -> Backbone {
    guard try tune.value(arguments).tunes else { return backbone }
    return try tuned(
      backbone, stores: storePlace(arguments).path, instructionSet: arguments[instructionSet] ?? .best,
      console)
  }

  /// The backbone with tuned algorithms. A note tells where the algorithms come from.
  ///
  /// - Parameter stores: the parent folder of stores, one of which may determine the algorithms; nil for no folder.
  static func tuned(
    _ backbone: Backbone, stores: String?, instructionSet: InstructionSet, _ console: Console
  ) throws -> Backbone {
    let tuned = try BackboneTuning().tuned(backbone, stores: stores, instructionSet: instructionSet)
    for warning in tuned.warnings { console.note("note: \(warning)") }
    console.note(tuned.text)
    return tuned.backbone
  }

  /// The backbone of the command line with its preprocessing. A warning is printed if the preprocessing is guessed.
  ///
  /// - Parameters:
  ///   - arguments: the arguments of a command that declares `backbone` and `preprocessing`.
  ///   - columns: the requested columns. If a built-in network lacks one of their layers, an error is thrown before the
  ///     weights are loaded.
  ///   - named: one of several backbones of the command line.
  static func loadBackbone(
    _ arguments: ParsedArguments, _ console: Console, for columns: ExtractionSettings.Columns? = nil,
    named: JSONValue? = nil
  ) throws -> Backbone {
    let settings = try extraction([backbone, preprocessing], arguments, of: named)
    if let columns { try Architectures.require(columns, of: settings.backbone) }
    let changes = settings.changes
    let loaded = try Backbone.loadWithOrigin(
      settings.backbone, architecture: settings.architecture, isNormalizationGiven: changes.isComplete,
      changingPreprocessing: changes.applied)
    for warning in loaded.warnings { try console.warn(warning) }
    if !searchedPreprocessing.isSearched("resize", arguments),
      let line = changes.cropWithoutEffect(loaded.backbone.preprocessing)
    {
      try console.warn(line)
    }
    switch loaded.origin {
    case .architecture where changes.mean == nil:
      try console.warn(
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
