// Runs a pipeline from images to results. Every choice is made on the training part. After the choices, the test images
// are predicted once.

import TapBackbone
import TapClassifier
import TapComparison
import TapFeatures
import TapFormats
import TapKernels
import TapProvenance
import TapTraining

/// The progress of a pipeline.
public enum RunProgress: Hashable, Sendable {
  /// The images are listed. The notes name the files that the list left out.
  case listed(notes: [String])
  /// The weights are read. The warnings concern the file of the weights.
  case loaded(warnings: [String])
  /// The algorithms are chosen. The text names the choice, and the warnings are harmless errors of the cache.
  case tuned(String, warnings: [String])
  /// Equal and nearly equal images are in groups. The text names them, with names of settings in backquotes.
  case grouped(String)
  /// The features of one source are being computed.
  case extracting(RunRecord.Source, done: Int, total: Int)
  /// The comparison of the columns of one source is about to start.
  case searching(RunRecord.Source, SearchEstimate)
  /// The columns of one source are being compared. The progress counts fits.
  case selecting(RunRecord.Source, done: Int, total: Int)
  /// The choice for one source is being evaluated. A learning curve is drawn if the configuration asks for a curve.
  case judging(RunRecord.Source)
  /// Nested cross-validation of one source is running. The progress counts fits.
  case estimating(RunRecord.Source, done: Int, total: Int)
}

/// Runs a ``RunConfiguration``.
public struct PipelineRunner: Sendable {
  /// The configuration to run.
  public let configuration: RunConfiguration
  /// The number of threads; nil means the number of cores that this process may use. The value changes no result.
  public var threads: Int?
  /// The kernels to use. The kernels change no byte of the features.
  public var instructionSet: InstructionSet
  /// Whether the first image that cannot be read ends the run.
  public var stopsAtUnreadable = false
  /// The way to choose algorithms if the configuration turns tuning on.
  package var tuning = BackboneTuning()
  /// Fields for the stores' provenance, such as the program's version and the command.
  package var provenance: [String: JSONValue] = [:]

  /// Creates a runner. For `threads`, nil means the number of cores that this process may use.
  public init(
    _ configuration: RunConfiguration, threads: Int? = nil, instructionSet: InstructionSet = .best
  ) {
    self.configuration = configuration
    self.threads = threads
    self.instructionSet = instructionSet
  }

  /// Runs the pipeline.
  ///
  /// The sources are the baselines and, as the last source, the pretrained backbone. For each source, one pass extracts
  /// all columns of all images into the configuration's store. Features that the store already has are not computed
  /// again. For every column and every classifier, C is chosen on the training part. The choice is made by a validation
  /// split if the images have one, otherwise by cross-validation. The choice for a source is the entry (column,
  /// classifier and C) that is best by the criterion on held-out images. Choices that the store already has are not
  /// made again. After the last choice, the chosen classifier of each source predicts the test images.
  ///
  /// - Parameters:
  ///   - backbone: the backbone to use; with nil, the configuration's backbone is loaded.
  ///   - progress: a function that is called from any thread, one call at a time.
  ///   - shouldStop: a function that is called before each image and returns whether the run must stop.
  /// - Throws: ``RunError``.
  public func run(
    backbone: Backbone? = nil, progress: @escaping @Sendable (RunProgress) -> Void = { _ in },
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws(RunError) -> RunRecord {
    try configuration.requireWritableResults()
    let list = try images()
    let notes = notes(on: list)
    if !notes.isEmpty { progress(.listed(notes: notes)) }
    let sources = try sources(backbone, progress)
    for part in sources.last?.parts ?? [] {
      if let line = CropWarning(list, part.backbone.preprocessing)?.warning { progress(.listed(notes: [line])) }
    }
    var seconds = RunRecord.Seconds()
    let groups = try timed(&seconds.extraction) { () throws(RunError) in
      try duplicateGroups(sources[sources.count - 1], list, progress, shouldStop)
    }
    var computedRows = groups.computedRows
    var choices: [Choice] = []
    for source in sources {
      var extractions: [Extraction] = []
      for part in source.parts {
        extractions.append(
          try timed(&seconds.extraction) { () throws(RunError) in
            try extract(part, source.source, list, progress, shouldStop)
          })
      }
      computedRows += extractions.reduce(0) { $0 + $1.computedRows }
      choices.append(
        try timed(&seconds.selection) { () throws(RunError) in try choose(source, extractions, groups, progress) })
    }
    var results: [RunRecord.SourceResult] = []
    for choice in choices {
      progress(.judging(choice.source.source))
      results.append(try timed(&seconds.test) { () throws(RunError) in try judge(choice, progress) })
    }
    let last = results[results.count - 1]
    return RunRecord(
      configuration: configuration, images: imageCounts(choices[choices.count - 1].extractions[0], last),
      method: last.comparison.method, sources: results, seconds: seconds, computedRows: computedRows)
  }

  /// Makes the plan of a run without computing or writing features or results. If the configuration turns tuning on,
  /// the algorithms are still measured and kept in the cache. The reason is that the run's store depends on the
  /// algorithms.
  ///
  /// - Parameter backbone: the backbone to use; with nil, the configuration's backbone is loaded.
  /// - Throws: ``RunError`` for every error that the runner can find before it reads images.
  public func plan(backbone: Backbone? = nil) throws(RunError) -> RunPlan {
    try configuration.requireWritableResults()
    let list = try images()
    let partition: Partition
    let classes: [String]
    do {
      partition = try configuration.partition(list.items)
      classes = try partition.trainableClasses(list.items)
    } catch { throw .training(error) }
    var estimates: [RunPlan.SourceEstimate] = []
    for source in try sources(backbone) {
      var dimensions: [[Int]] = []
      for part in source.parts {
        do {
          dimensions.append(
            try part.columns.map { column throws(BackboneError) in try part.backbone.dimensions(of: column) })
        } catch { throw .backbone(error) }
        let isLast = dimensions.count == source.parts.count
        do {
          estimates.append(
            RunPlan.SourceEstimate(
              source: source.source, backbone: part.name?.backbone, columns: part.columns,
              estimate: try extractor(part).estimate(list, into: configuration.store),
              search: isLast
                ? comparison.searchEstimate(dimensions: dimensions, partition, classes: classes.count) : nil))
        } catch { throw .features(error) }
      }
    }
    return RunPlan(
      configuration: configuration, partition: partition, classNames: classes, sources: estimates,
      notes: notes(on: list))
  }

  // MARK: - Stages

  private func images() throws(RunError) -> ImageList {
    var list: ImageList
    do {
      if let labels = configuration.labels {
        list = try ImageList(manifest: labels, folder: configuration.images, configuration.list)
      } else {
        list = try ImageList(paths: [configuration.images], configuration.list)
      }
    } catch { throw .features(error) }
    try configuration.requireResults(apartFrom: list)
    if let limit = configuration.limit { list = list.drawn(limit, seed: configuration.seed) }
    let isDrawn = configuration.training[0].testFraction != nil
    guard isDrawn || list.items.contains(where: { $0.split == .test && $0.label != nil }) else {
      throw .noTestImages(folder: configuration.images)
    }
    return list
  }

  /// A source, its features, and the column, classifier and C that were chosen for the source.
  private struct Choice {
    let source: FeatureSource
    let extractions: [Extraction]
    let data: LabeledFeatures
    let choice: ComparisonRunner.Choice
  }

  private func extractor(_ part: FeatureSource.Part) -> FeatureExtractor {
    var extractor = FeatureExtractor(
      backbone: part.backbone, columns: part.columns, threads: threads, instructionSet: instructionSet)
    extractor.stopsAtUnreadable = stopsAtUnreadable
    return extractor
  }

  func extract(
    _ part: FeatureSource.Part, _ name: RunRecord.Source, _ list: ImageList,
    _ progress: @escaping @Sendable (RunProgress) -> Void,
    _ shouldStop: @escaping @Sendable () -> Bool
  ) throws(RunError) -> Extraction {
    do {
      let extraction = try extractor(part).extract(
        list, into: configuration.store, provenance: provenance,
        progress: { progress(.extracting(name, done: $0.done, total: $0.total)) }, shouldStop: shouldStop)
      try extraction.requireClasses()
      return extraction
    } catch { throw .features(error) }
  }

  private var comparison: ComparisonRunner {
    ComparisonRunner(
      settings: configuration.training, comparesNeighbors: configuration.comparesNeighbors,
      combinedColumns: configuration.combinedColumns, curve: configuration.learningCurve, threads: threads)
  }

  private func choose(
    _ source: FeatureSource, _ extractions: [Extraction], _ groups: PathGroups,
    _ progress: @escaping @Sendable (RunProgress) -> Void
  ) throws(RunError) -> Choice {
    let data = groups.applied(to: try data(of: source, extractions))
    do {
      let partition = try configuration.partition(data.images)
      progress(.searching(source.source, try comparison.searchEstimate(data, partition)))
      let choice = try comparison.choose(data, partition) { step in
        if case .selecting(let done, let total) = step {
          progress(.selecting(source.source, done: done, total: total))
        }
      }
      return Choice(source: source, extractions: extractions, data: data, choice: choice)
    } catch { throw .training(error) }
  }

  private func judge(
    _ choice: Choice, _ progress: @escaping @Sendable (RunProgress) -> Void
  ) throws(RunError) -> RunRecord.SourceResult {
    let source = choice.source
    let isPretrained = source.source == .pretrained
    let comparison: Comparison
    do {
      comparison = try self.comparison.judge(
        choice.choice, choice.data, backbone: isPretrained ? source.parts[0].backbone : nil,
        variants: source.variants, instructionSet: instructionSet
      ) { step in
        if case .estimating(let done, let total) = step {
          progress(.estimating(source.source, done: done, total: total))
        }
      }
    } catch { throw .training(error) }
    guard let test = comparison.test else { throw .noTestImages(folder: configuration.images) }
    let chosen = source.backbone(of: comparison.best.chosen.candidate)
    let identity = BackboneIdentity(chosen)
    let goldenBackbone = isPretrained && configuration.model != nil ? chosen : nil
    do {
      return RunRecord.SourceResult(
        source: source.source, identity: identity, comparison: comparison,
        classifier: try comparison.best.classifier(identity: identity, backbone: goldenBackbone), test: test,
        layers: choice.data.layers)
    } catch { throw .classifier(error) }
  }

  // MARK: - Small parts

  /// Notes on files that the list left out, and on ambiguous names.
  private func notes(on list: ImageList) -> [String] {
    list.notes + list.warnings + [list.familyWarning(configuration.list)].compactMap(\.self)
  }

  private func imageCounts(_ extraction: Extraction, _ result: RunRecord.SourceResult) -> RunRecord.Images {
    let partition = result.comparison.partition
    return RunRecord.Images(
      training: partition.training.count, validation: partition.validation.count,
      test: result.test.labels.count, classNames: result.comparison.classNames,
      unreadable: extraction.unreadable.map(\.path), inSeveralSplits: extraction.contentsInSeveralSplits)
  }

  private func timed<Result>(
    _ seconds: inout Double, _ body: () throws(RunError) -> Result
  ) throws(RunError) -> Result {
    let start = ContinuousClock.now
    let result = try body()
    seconds += (ContinuousClock.now - start) / .seconds(1)
    return result
  }
}
