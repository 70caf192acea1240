// A pipeline from images to results. Every choice is made on the training part; only then are the test
// images predicted, once.

import TapArchitectures
import TapBackbone
import TapClassifier
import TapFeatures
import TapFormats
import TapKernels
import TapProvenance

/// How far a pipeline is.
public enum RunProgress: Hashable, Sendable {
  /// Features of one source are being computed.
  case extracting(RunRecord.Source, done: Int, total: Int)
  /// Columns of one source are being compared.
  case selecting(RunRecord.Source, done: Int, total: Int)
}

/// Runs a ``RunConfiguration``.
public struct PipelineRunner: Sendable {
  /// What is run.
  public let configuration: RunConfiguration
  /// Nil is one per core. Changes no result.
  public var threads: Int?
  /// The kernels to use; changes no byte of the features.
  public var instructionSet: InstructionSet
  /// Fields for the stores' provenance: program version, command.
  package var provenance: [String: JSONValue] = [:]

  /// A runner; `threads` nil is one per core.
  public init(
    _ configuration: RunConfiguration, threads: Int? = nil, instructionSet: InstructionSet = .best
  ) {
    self.configuration = configuration
    self.threads = threads
    self.instructionSet = instructionSet
  }

  /// Runs the pipeline.
  ///
  /// For each source (the baselines, then the pretrained backbone) all columns of all images are
  /// extracted in one pass into the configuration's store; what is there is not computed again. Every
  /// column's C is chosen by cross-validation on the training part, or by the validation split where
  /// there is one, and the column with the most correct predictions on held-out images is chosen, the
  /// first of equals. After the last choice each source's one classifier predicts the test images.
  ///
  /// - Parameters:
  ///   - backbone: nil loads the configuration's.
  ///   - progress: called from any thread, one call at a time.
  ///   - shouldStop: asked before each image.
  /// - Throws: ``RunError``.
  public func run(
    backbone: Backbone? = nil, progress: @escaping @Sendable (RunProgress) -> Void = { _ in },
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws(RunError) -> RunRecord {
    try configuration.requireWritableResults()
    let list = try images()
    let sources = try sources(backbone)
    var seconds = RunRecord.Seconds()
    var computedRows = 0

    var choices: [Choice] = []
    for source in sources {
      let extraction = try timed(&seconds.extraction) { () throws(RunError) in
        try extract(source, list, progress, shouldStop)
      }
      computedRows += extraction.computedRows
      let model = try timed(&seconds.selection) { () throws(RunError) in
        try choose(source, extraction, progress)
      }
      choices.append(Choice(source: source, extraction: extraction, model: model))
    }
    var results: [RunRecord.SourceResult] = []
    for choice in choices {
      results.append(try timed(&seconds.test) { () throws(RunError) in try evaluate(choice) })
    }
    let last = choices[choices.count - 1]
    return RunRecord(
      configuration: configuration, images: imageCounts(last, results[results.count - 1].test),
      method: last.model.summary.selection, sources: results, seconds: seconds, computedRows: computedRows)
  }

  // MARK: - Stages

  private func images() throws(RunError) -> ImageList {
    let list: ImageList
    do {
      if let manifest = configuration.manifest {
        list = try ImageList(manifest: manifest, folder: configuration.images)
      } else {
        list = try ImageList(paths: [configuration.images])
      }
    } catch { throw .features(error) }
    guard list.items.contains(where: { $0.split == .test && $0.label != nil }) else {
      throw .noTestImages(folder: configuration.images)
    }
    return list
  }

  /// A backbone and what is tapped.
  private struct FeatureSource {
    let source: RunRecord.Source
    let backbone: Backbone
    let columns: [Column]
  }

  /// A source, its features, and the column and C chosen for it.
  private struct Choice {
    let source: FeatureSource
    let extraction: Extraction
    let model: TrainedModel
  }

  private func sources(_ given: Backbone?) throws(RunError) -> [FeatureSource] {
    var pretrained: Backbone
    if let given {
      pretrained = given
    } else {
      do { pretrained = try Backbone.load(configuration.backbone) } catch { throw .loading(error) }
    }
    pretrained.preprocessing = configuration.changes.applied(to: pretrained.preprocessing)
    let columns: [Column]
    do {
      columns = try pretrained.columns(layers: configuration.layers, poolings: configuration.poolings)
    } catch { throw .backbone(error) }

    var sources: [FeatureSource] = []
    if let size = configuration.baselines.pixels {
      // A linear model on scaled columns does not see that the preprocessing shifts and scales pixels.
      var pixels = pretrained
      pixels.preprocessing.size = size
      pixels.preprocessing.resize = .squash
      sources.append(
        FeatureSource(
          source: .pixels(size: size), backbone: pixels, columns: [Column(tap: "input", pooling: .flatten)]))
    }
    if let seed = configuration.baselines.random {
      var random: Backbone
      do { random = try Architectures.seeded(pretrained.name, seed: seed) } catch {
        throw .architecture(error)
      }
      random.preprocessing = pretrained.preprocessing
      sources.append(FeatureSource(source: .random(seed: seed), backbone: random, columns: columns))
    }
    sources.append(FeatureSource(source: .pretrained, backbone: pretrained, columns: columns))
    return sources
  }

  private func extract(
    _ source: FeatureSource, _ list: ImageList, _ progress: @escaping @Sendable (RunProgress) -> Void,
    _ shouldStop: @escaping @Sendable () -> Bool
  ) throws(RunError) -> Extraction {
    let name = source.source
    let extractor = FeatureExtractor(
      backbone: source.backbone, columns: source.columns, threads: threads, instructionSet: instructionSet)
    do {
      return try extractor.extract(
        list, into: configuration.store, provenance: provenance,
        progress: { progress(.extracting(name, done: $0.done, total: $0.total)) }, shouldStop: shouldStop)
    } catch { throw .features(error) }
  }

  private func choose(
    _ source: FeatureSource, _ extraction: Extraction, _ progress: (RunProgress) -> Void
  ) throws(RunError) -> TrainedModel {
    let trainer = Trainer(
      c: configuration.c, standardization: configuration.standardization, folds: configuration.folds,
      seed: configuration.seed, threads: threads)
    let data = try labelled(extraction, source.columns)
    do {
      return try trainer.train(data, try Partition(data.items)) { done, total in
        progress(.selecting(source.source, done: done, total: total))
      }
    } catch { throw .training(error) }
  }

  private func evaluate(_ choice: Choice) throws(RunError) -> RunRecord.SourceResult {
    let (source, model) = (choice.source, choice.model)
    let data = try labelled(choice.extraction, [source.columns[model.chosenIndex]])
    let columns = model.results.enumerated().map { index, result in
      let selection = result.selection
      return RunRecord.ColumnResult(
        column: source.columns[index], dimensions: result.candidate.features.columns, c: selection.chosen.c,
        accuracy: selection.chosen.accuracy, path: selection.candidates.map { ($0.c, $0.accuracy) },
        converged: selection.model.converged)
    }
    let identity = BackboneIdentity(source.backbone)
    let goldenBackbone = source.source == .pretrained && configuration.model != nil ? source.backbone : nil
    let classifier: Classifier
    do { classifier = try model.classifier(identity: identity, backbone: goldenBackbone) } catch {
      throw .classifier(error)
    }
    do {
      let test = try Evaluation(
        classifier, on: data, features: data.candidates[0].features, indices: try Partition(data.items).test)
      return RunRecord.SourceResult(
        source: source.source, identity: identity, columns: columns, chosenIndex: model.chosenIndex,
        classifier: classifier, test: test)
    } catch { throw .training(error) }
  }

  // MARK: - Small parts

  private func labelled(
    _ extraction: Extraction, _ columns: [Column]
  ) throws(RunError) -> LabelledFeatures {
    do {
      return try LabelledFeatures(extraction.items, in: extraction.store, columns: columns)
    } catch { throw .features(error) }
  }

  private func imageCounts(_ choice: Choice, _ test: Evaluation) -> RunRecord.Images {
    RunRecord.Images(
      training: choice.model.partition.training.count, validation: choice.model.partition.validation.count,
      test: test.labels.count, classNames: choice.model.classNames,
      unreadable: choice.extraction.unreadable.map(\.path),
      inSeveralSplits: choice.extraction.contentsInSeveralSplits)
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
