// The sources of a pipeline's features: the baselines, and the pretrained backbones.

import TapArchitectures
import TapBackbone
import TapExtraction
import TapFeatures
import TapFormats
import TapProvenance
import TapSettings
import TapTraining

extension PipelineRunner {
  /// The backbones of one comparison and their columns. A baseline has one backbone.
  struct FeatureSource {
    /// A backbone and its columns.
    struct Part {
      /// The name of the backbone among several; nil for the only backbone.
      let name: LabeledFeatures.VariantName?
      let backbone: Backbone
      let columns: [Column]
    }

    let source: RunRecord.Source
    /// The backbones, at least one.
    let parts: [Part]

    /// A source of one backbone.
    init(_ source: RunRecord.Source, _ backbone: Backbone, _ columns: [Column]) {
      self.source = source
      parts = [Part(name: nil, backbone: backbone, columns: columns)]
    }

    init(pretrained parts: [Part]) {
      source = .pretrained
      self.parts = parts
    }

    /// The backbones by the texts of their names; empty for one backbone.
    var variants: [String: Backbone] {
      var variants: [String: Backbone] = [:]
      for part in parts {
        if let name = part.name { variants[name.text] = part.backbone }
      }
      return variants
    }

    /// The backbone of a candidate.
    func backbone(of candidate: LabeledFeatures.Candidate) -> Backbone {
      candidate.variant.flatMap { variants[$0.name.text] } ?? parts[0].backbone
    }
  }

  /// The sources: baselines first, the pretrained backbones last.
  ///
  /// - Parameter given: the backbone to use; with nil, the configuration's backbones are loaded.
  func sources(
    _ given: Backbone?, _ progress: (RunProgress) -> Void = { _ in }
  ) throws(RunError) -> [FeatureSource] {
    var pretrained: [Backbone] = []
    if let given {
      pretrained = [given]
    } else {
      for source in configuration.backbones { pretrained.append(try loaded(source, progress)) }
    }
    var columns: [[Column]] = []
    for index in pretrained.indices {
      pretrained[index].preprocessing = configuration.extraction.changes.applied(
        to: pretrained[index].preprocessing)
      if let line = configuration.extraction.changes.cropWithoutEffect(pretrained[index].preprocessing) {
        progress(.listed(notes: [line]))
      }
      do {
        columns.append(try pretrained[index].columns(configuration.extraction.columns))
      } catch { throw .backbone(error) }
    }
    var sources: [FeatureSource] = []
    if let size = configuration.baselines.pixels {
      // A linear model on scaled columns stays the same if all pixels are shifted and scaled.
      var pixels = pretrained[0]
      pixels.preprocessing.size = size
      pixels.preprocessing.resize = .squash
      sources.append(
        FeatureSource(.pixels(size: size), pixels, [Column(tap: "input", pooling: .flatten)]))
    }
    // Tuning starts only here, because the baseline of pixels has no convolutions.
    if configuration.extraction.tunes {
      for index in pretrained.indices { pretrained[index] = try tuned(pretrained[index], progress) }
    }
    if let seed = configuration.baselines.random {
      var random: Backbone
      do { random = try Architectures.seeded(pretrained[0].name, seed: seed) } catch {
        throw .architecture(error)
      }
      random.preprocessing = pretrained[0].preprocessing
      random.algorithms = pretrained[0].algorithms
      sources.append(FeatureSource(.random(seed: seed), random, columns[0]))
    }
    return sources + [FeatureSource(pretrained: parts(pretrained, columns))]
  }

  /// The backbones with names that tell them apart. If two networks have one name, the names are those of the
  /// configuration.
  private func parts(_ backbones: [Backbone], _ columns: [[Column]]) -> [FeatureSource.Part] {
    guard backbones.count > 1 else {
      return [FeatureSource.Part(name: nil, backbone: backbones[0], columns: columns[0])]
    }
    let areNamed = Set(backbones.map(\.name)).count == backbones.count
    return backbones.indices.map { index in
      FeatureSource.Part(
        name: LabeledFeatures.VariantName(
          backbone: areNamed ? backbones[index].name : configuration.backbones[index], resize: nil),
        backbone: backbones[index], columns: columns[index])
    }
  }

  private func loaded(_ source: String, _ progress: (RunProgress) -> Void) throws(RunError) -> Backbone {
    do {
      try Architectures.require(configuration.extraction.columns, of: source)
    } catch { throw .backbone(error) }
    do {
      let loaded = try Backbone.loadWithOrigin(
        source, architecture: configuration.extraction.architecture,
        isNormalizationGiven: configuration.extraction.changes.isComplete,
        changingPreprocessing: configuration.extraction.changes.applied)
      if !loaded.warnings.isEmpty { progress(.loaded(warnings: loaded.warnings)) }
      return loaded.backbone
    } catch { throw .loading(error) }
  }

  private func tuned(
    _ backbone: Backbone, _ progress: (RunProgress) -> Void
  ) throws(RunError) -> Backbone {
    let tuned: BackboneTuning.Tuned
    do {
      tuned = try tuning.tuned(
        backbone, stores: configuration.store, instructionSet: instructionSet)
    } catch { throw .backbone(error) }
    progress(.tuned(tuned.text, warnings: tuned.warnings))
    return tuned.backbone
  }

  /// The labeled features of a source.
  func data(of source: FeatureSource, _ extractions: [Extraction]) throws(RunError) -> LabeledFeatures {
    var variants: [(name: LabeledFeatures.VariantName, data: LabeledFeatures)] = []
    for (part, extraction) in zip(source.parts, extractions) {
      do {
        var data = try LabeledFeatures(extraction.items, in: extraction.store, columns: part.columns)
        if source.source == .pretrained {
          data.extraction = configuration.extraction.resolved(part.backbone, part.columns)
        }
        guard let name = part.name else { return data }
        variants.append((name, data))
      } catch { throw .features(error) }
    }
    do { return try LabeledFeatures.combined(variants) } catch { throw .features(error) }
  }
}
