// The inputs of `train` and `compare`: features of images, of a store, or of a matrix. Features of images are computed
// if the store lacks them.

import LayerTap
import TapFormats
import TapReports
import TapSettings
import TapText

/// The labeled features that a command line names.
struct TrainingArguments {
  /// Features and their source.
  struct Loaded {
    var data: LabeledFeatures
    /// The training, validation and test parts of the data, by the settings for them.
    var partition: Partition
    /// The backbone of the features; nil if the backbone is not on this machine or not needed.
    let backbone: Backbone?
    /// The source of the images; nil for a matrix.
    let images: ThumbnailSource?
    /// The backbone and the images of each compared backbone and way to resize, by the name of the variant.
    var variants: [String: (backbone: Backbone, images: ThumbnailSource)] = [:]

    func backbone(for candidate: LabeledFeatures.Candidate) -> Backbone? {
      candidate.variant.flatMap { variants[$0.name.text]?.backbone } ?? backbone
    }

    func images(for candidate: LabeledFeatures.Candidate) -> ThumbnailSource? {
      candidate.variant.flatMap { variants[$0.name.text]?.images } ?? images
    }
  }

  /// Tables of images to leave out, and of new labels.
  static let drop = Parameter<String?>.optional(
    "drop", .file, valueName: "file", topic: .data,
    help: "Leave out the images in the column 'path' of this CSV, such as an edited one of 'audit --output'.")

  static let relabel = Parameter<String?>.optional(
    "relabel", .file, valueName: "file", topic: .data,
    help: "Give the images in the column 'path' of this CSV the label in its column 'suggested'.")

  /// The options that correct the data.
  static let correcting: [ArgumentDeclaration] = [drop.declaration, relabel.declaration]

  private let source: DataInput
  private let arguments: ParsedArguments
  private let console: Console
  /// The settings of the layers and poolings to tap. Each command has its own default.
  private let features: SettingParameters<ExtractionSettings>
  /// The settings of the command line. These settings replace the settings of the earlier model.
  private let settings: TrainingSettings
  /// The names of the settings that the command line states.
  private let stated: Set<String>
  /// The model from which the training continues. If no options name the backbone and the column, the model gives both.
  private let earlier: WarmStartModel?
  /// The comparison, if columns and kinds are compared on held-out images.
  private let comparison: ComparisonRunner?
  /// The files that the command will write.
  private let outputs: OutputPaths
  private let corrections: ListCorrections

  /// - Parameters:
  ///   - arguments: the arguments of a command that declares `DataInput`'s parameters, `drop`, `relabel`, `features`,
  ///     `Options.training`, `Options.duplicates`, `Options.limit`, `Options.dryRun`, `Options.tune`,
  ///     `Options.storing`, `Options.preprocessing`.
  ///   - settings: the settings of the command line.
  ///   - stated: the names of the settings that the command line states.
  ///   - comparison: the comparison, if columns and kinds are compared.
  ///   - outputs: the files that the command will write.
  /// - Throws: ``UsageError`` for options of images without images, or for an output that is an input.
  init(
    _ arguments: ParsedArguments, _ console: Console, features: SettingParameters<ExtractionSettings>,
    settings: TrainingSettings, stated: Set<String> = [], earlier: WarmStartModel? = nil,
    comparison: ComparisonRunner? = nil, outputs: OutputPaths
  ) throws {
    source = DataInput(arguments[DataInput.parameter])
    self.arguments = arguments
    self.console = console
    self.features = features
    self.settings = settings
    self.stated = stated
    self.earlier = earlier
    self.comparison = comparison
    self.outputs = outputs
    corrections = try ListCorrections(drop: arguments[Self.drop], relabel: arguments[Self.relabel])
    try outputs.require(
      apartFrom: source.files(arguments) + [
        arguments[Self.drop], arguments[Self.relabel], earlier?.path,
      ] + Options.backbones(arguments).map { $0?.stringValue })
    if earlier != nil, isResizeSearched {
      throw UsageError.contradiction(
        "'--resize auto' looks for the best way to resize, and '--warm-start' keeps that of the earlier model"
      )
    }
    if earlier != nil, try Options.tune.value(arguments).tunes {
      throw UsageError.contradiction(
        "'--tune' chooses algorithms, and '--warm-start' keeps those of the earlier model")
    }
    try source.refuseImageOptions(
      arguments,
      Options.backbone.declarations + [Options.limit.declaration]
        + Options.tune.declarations
        + Options.storing.filter { $0.name != Options.threads.declaration.name }
        + Options.preprocessing.declarations)
  }

  /// The path of the data, as the user gave it.
  var path: String { source.path }

  var isStore: Bool { if case .store = source { true } else { false } }

  var isMatrix: Bool { if case .matrix = source { true } else { false } }

  /// The settings for these items. If the items have a test or a validation split, the split replaces the part that the
  /// earlier model's settings would draw.
  func settled(_ items: [ImageItem]) -> TrainingSettings {
    var settings = settings
    guard earlier != nil else { return settings }
    if !stated.contains("testFraction"), items.contains(where: { $0.split == .test }) {
      settings.testFraction = nil
    }
    if !stated.contains("validationFraction"), items.contains(where: { $0.split == .validation }) {
      settings.validationFraction = nil
    }
    return settings
  }

  /// Splits items into the parts that the command line asks for.
  private func partition(_ items: [ImageItem]) throws -> Partition {
    try Partition(items, settled(items))
  }

  /// Loads the features. Returns nil after a dry run, whose plan is printed.
  ///
  /// - Parameter backboneOfStore: finds the backbone of a store if the backbone is needed.
  func load(backboneOfStore: (FeatureStore) throws -> Backbone? = { _ in nil }) throws -> Loaded? {
    let loaded: Loaded
    switch source {
    case .images(let path): return try loadImages(path)?.grouped(arguments, console, partition)
    case .store(let path): loaded = try loadStore(path, backboneOfStore).grouped(arguments, console, partition)
    case .matrix(let path): loaded = try loadMatrix(path).grouped(arguments, console, partition)
    }
    guard arguments[Options.dryRun] else { return loaded }
    try planSearch(loaded)
    return nil
  }

  /// Prints the plan for existing features.
  private func planSearch(_ loaded: Loaded) throws {
    let (data, partition) = (loaded.data, loaded.partition)
    let search =
      try comparison?.searchEstimate(data, partition)
      ?? Trainer(settled(data.images), threads: arguments[Options.threads]).searchEstimate(data, partition)
    try print(
      DryRun(
        columns: data.candidates.map(\.name), partition: partition,
        classes: partition.trainableClasses(
          data.images, isEstimated: comparison != nil || settings.searchesC), search: search))
  }

  private func print(_ plan: DryRun) {
    if let text = plan.search?.longText { console.note(text.spellingOptions) }
    console.print(plan.text)
  }

  /// The earlier model's column; nil if options choose the column.
  private var earlierColumn: Column? {
    get throws {
      guard let earlier, try namedColumns.isEmpty else { return nil }
      return try earlier.column
    }
  }

  /// The values of `layers` and `pool` that the command line states.
  private var namedColumns: [String: JSONValue] {
    get throws { try features.given(arguments).filter { ["layers", "pool"].contains($0.key) } }
  }

  private func loadImages(_ path: String) throws -> Loaded? {
    var list = try DataInput.imageList(path, arguments, console, holdsBack: true)
    try outputs.require(apartFrom: list)
    try reportCorrections(of: list.items)
    list = corrections.applied(to: list)
    if let limit = arguments[Options.limit] { list = list.drawn(limit, seed: settings.seed) }
    // Problems with labels are reported before the extraction, which can take hours.
    let planned = try partition(list.items)
    let classes = try planned.trainableClasses(list.items, isEstimated: comparison != nil || settings.searchesC)
    let (sources, isCompared) = try imageSources(list, planned)
    if arguments[Options.dryRun] {
      for (index, source) in sources.enumerated() {
        // One search compares the columns of all sources.
        let dimensions = try sources.map { source in
          try source.columns.map { try source.backbone.dimensions(of: $0) }
        }
        let search =
          comparison?.searchEstimate(dimensions: dimensions, planned, classes: classes.count)
          ?? SearchEstimate(
            [settled(list.items)], dimensions: dimensions.flatMap(\.self), partition: planned,
            classes: classes.count, threads: arguments[Options.threads])
        print(
          DryRun(
            backbone: source.name.backbone, resize: source.name.resize,
            estimate: try task(source, list, isRepeated: index > 0).estimate(isTimed: true),
            columns: source.columns.map(\.name), partition: planned, classes: classes,
            search: index == sources.count - 1 ? search : nil))
      }
      return nil
    }
    var variants: [(name: LabeledFeatures.VariantName, data: LabeledFeatures)] = []
    var origins: [String: (backbone: Backbone, images: ThumbnailSource)] = [:]
    for (index, source) in sources.enumerated() {
      let extraction = try task(source, list, isRepeated: index > 0).run()
      var data = try LabeledFeatures(extraction.items, in: extraction.store, columns: source.columns)
      if earlier == nil {
        var asked = try Options.extraction(
          [features, Options.preprocessing, Options.tune], arguments, of: source.given)
        if isResizeSearched { asked.changes.resize = source.backbone.preprocessing.resize }
        data.extraction = asked.resolved(source.backbone, source.columns)
      }
      variants.append((source.name, data))
      origins[source.name.text] = (
        source.backbone, ThumbnailSource(folder: list.folder, store: extraction.store)
      )
    }
    let images = origins[sources[0].name.text]?.images
    let data = isCompared ? try LabeledFeatures.combined(variants) : variants[0].data
    return Loaded(
      data: data, partition: data.images == list.items ? planned : try partition(data.images),
      backbone: sources[0].backbone, images: images, variants: isCompared ? origins : [:])
  }

  /// A backbone with one way to resize, and its columns.
  private struct ImageSource {
    let name: LabeledFeatures.VariantName
    /// The backbone as the command line names it; nil for the default.
    let given: JSONValue?
    let backbone: Backbone
    let columns: [Column]
  }

  /// The backbones and ways to resize to extract with, and whether they are several.
  private func imageSources(
    _ list: ImageList, _ planned: Partition
  ) throws -> (sources: [ImageSource], isCompared: Bool) {
    let given = try Options.backbones(arguments)
    let asked = try Options.extraction([features], arguments, of: given[0]).columns
    var loaded: [Backbone] = []
    for given in given {
      loaded.append(
        try earlier?.backbone(arguments, console)
          ?? Options.tuned(
            Options.loadBackbone(arguments, console, for: asked, named: given), arguments, console))
    }
    let isNamed = Set(loaded.map(\.name)).count == loaded.count
    var sources: [ImageSource] = []
    for (given, backbone) in zip(given, loaded) {
      let columns = try earlierColumn.map { [$0] } ?? backbone.columns(asked)
      if columns.count > 1 || loaded.count > 1 { _ = try planned.trainableClasses(list.items) }
      try earlier?.require(BackboneIdentity(backbone), columns)
      let own = backbone.preprocessing.resize
      var rules = [own]
      if isResizeSearched {
        rules = [.short, .squash, .pad] + ([.squashAndCrop, .border].contains(own) ? [own] : [])
      } else if !arguments[Options.dryRun], let line = CropWarning(list, backbone.preprocessing)?.warning {
        try console.warn(line)
      }
      let title = isNamed ? backbone.name : given?.stringValue ?? backbone.name
      for rule in rules {
        sources.append(
          ImageSource(
            name: LabeledFeatures.VariantName(
              backbone: loaded.count > 1 ? title : nil, resize: isResizeSearched ? rule.rawValue : nil),
            given: given, backbone: backbone.resizing(by: rule), columns: columns))
      }
    }
    return (sources, loaded.count > 1 || isResizeSearched)
  }

  private func task(_ source: ImageSource, _ list: ImageList, isRepeated: Bool) throws -> ExtractionTask {
    try ExtractionTask(
      list, backbone: source.backbone, columns: source.columns, arguments, console, isRepeated: isRepeated)
  }

  /// Whether ways to resize are compared.
  private var isResizeSearched: Bool { Options.searchedPreprocessing.isSearched("resize", arguments) }

  private func loadStore(_ path: String, _ backbone: (FeatureStore) throws -> Backbone?) throws -> Loaded {
    guard arguments[DataInput.labels] == nil else {
      throw UsageError.contradiction("a store has its labels: leave --labels out")
    }
    let store = try FeatureStore(path: path)
    try outputs.require(outside: store.path)
    let named = try namedColumns
    guard case .named(let layers, let poolings) = try features.value(arguments).columns else {
      preconditionFailure("a command line names layers")
    }
    let columns = try DataInput.columns(
      of: store, layers: earlierColumn.map { [$0.name] } ?? (named["layers"] == nil ? nil : layers),
      poolings: named["pool"] == nil ? nil : poolings)
    try earlier?.require(store.identity, columns)
    let data = try corrected(
      DataInput.grouped(
        DataInput.features(of: store, columns: columns, console), arguments, console, holdsBack: true))
    return Loaded(
      data: data, partition: try partition(data.images), backbone: try backbone(store),
      images: ThumbnailSource(folder: nil, store: store))
  }

  private func corrected(_ data: LabeledFeatures) throws -> LabeledFeatures {
    try reportCorrections(of: data.images)
    return corrections.applied(to: data)
  }

  /// Says what `--drop` and `--relabel` change, and warns about their paths that are not in the data.
  private func reportCorrections(of images: [ImageItem]) throws {
    guard !corrections.isEmpty else { return }
    let summary = corrections.summary(of: images)
    if !summary.unknown.isEmpty {
      try console.warn(
        "\(NumberText.grouped(summary.unknown.count)) paths of --drop and --relabel are not among the images",
        details: summary.unknown)
    }
    console.note(summary.line)
  }

  private func loadMatrix(_ path: String) throws -> Loaded {
    if let named = try namedColumns.keys.min() {
      throw UsageError.contradiction("'--\(named)' has no meaning for the matrix \(path)")
    }
    try earlier?.require(nil, [])
    var names = DataInput.names(arguments)
    if let earlier { names = names.reading(path, for: earlier.classifier) }
    var data = try LabeledFeatures(
      matrix: path, labels: arguments[DataInput.labels], names: names,
      dimensions: earlier?.classifier.dimensions)
    try earlier?.require(data)
    for note in data.notes { try console.warn(note) }
    data = try corrected(DataInput.grouped(data, arguments, console, holdsBack: true))
    return Loaded(data: data, partition: try partition(data.images), backbone: nil, images: nil)
  }
}

extension Backbone {
  /// The same network with another way to resize images.
  fileprivate func resizing(by rule: Preprocessing.ResizeRule) -> Backbone {
    var result = self
    result.preprocessing.resize = rule
    return result
  }
}
