// The entries of a comparison: all columns under all classifiers, then the combinations of columns.

import TapBackbone
import TapKernels
import TapLinear
import TapMetrics
import TapProvenance
import TapSelection
import TapTraining

extension ComparisonRunner.Choice {
  /// The index of the best entry. The entries of one column follow each other. The combinations come last.
  var bestEntryIndex: Int {
    guard bestCombination != nil else { return models[best].chosenIndex * models.count + best }
    return models[0].results.count * models.count + best - models.count
  }

  /// The number of models among which the best one was chosen: all columns and all combinations that were tried.
  var tried: Int { models[0].results.count * models.count + combinations.reduce(0) { $0 + $1.trials.count } }

  /// The number of searches for C.
  var searchedColumns: Int {
    models.reduce(0) { $0 + $1.searchedColumns } + combinations.reduce(0) { $0 + $1.searched }
  }

  /// The values of C that the searches skipped.
  var untried: UntriedValues {
    UntriedValues(
      [UntriedValues(models)]
        + combinations.map { UntriedValues($0.trials, of: models[$0.kind].settings.valuesOfC) })
  }
}

extension ComparisonRunner {
  /// The entries and baselines, compared with the best entry.
  ///
  /// - Parameter backbone: the network of a candidate, which is timed; nil if it is not known.
  func entries(
    _ choice: Choice, _ bestIndex: Int, _ neighbors: [NeighborPredictions], _ data: LabeledFeatures,
    _ instructionSet: InstructionSet, backbone: (LabeledFeatures.Candidate) -> Backbone?
  ) -> (entries: [Comparison.Entry], baselines: [NeighborBaseline]) {
    let (models, combined) = (choice.models, choice.combinations)
    let chosen = choice.winner.chosen.selection
    let labels = choice.winner.labels(in: data).classes(of: chosen.heldOut)
    let selections =
      data.candidates.indices.flatMap { index in models.map { $0.results[index].selection } }
      + combined.map(\.model.chosen.selection)
    let pairs = (selections.map(\.predictions) + neighbors.map(\.predictions)).map {
      PairedComparison(labels: labels, first: $0, second: chosen.predictions)
    }
    var adjusted = pairs.map(\.pValue)
    adjusted.remove(at: bestIndex)
    adjusted = HolmCorrection.adjusted(adjusted)
    adjusted.insert(1, at: bestIndex)
    var entries: [Comparison.Entry] = []
    var times: [Double?] = []
    func add(_ candidate: LabeledFeatures.Candidate, _ cost: Cost, _ kinds: [ClassifierKind]) {
      for kind in kinds {
        let place = entries.count
        entries.append(
          Comparison.Entry(
            columns: candidate.columns, name: candidate.name, backbone: candidate.variant?.name.backbone,
            resize: candidate.variant?.name.resize, dimensions: candidate.features.columns, classifier: kind,
            selection: selections[place], milliseconds: cost.milliseconds, multiplyAdds: cost.multiplyAdds,
            depth: cost.depth, againstBest: pairs[place], adjustedPValue: adjusted[place]))
      }
    }
    for candidate in data.candidates {
      let cost = Cost(candidate, backbone(candidate), data, instructionSet)
      times.append(cost.milliseconds)
      add(candidate, cost, classifiers)
    }
    for combination in combined {
      let candidate = combination.model.chosen.candidate
      add(
        candidate, Cost(candidate, backbone(candidate), data, instructionSet), [classifiers[combination.kind]])
    }
    let baselines = baselines(
      neighbors, Array(pairs[entries.count...]), Array(adjusted[entries.count...]), data, milliseconds: times)
    return (entries, baselines)
  }
}

/// The cost of one image up to the deepest layer of a candidate.
private struct Cost {
  let milliseconds: Double?
  let multiplyAdds: Int?
  /// The place of the deepest layer, or its multiply-adds if several backbones are compared.
  let depth: Int?

  init(
    _ candidate: LabeledFeatures.Candidate, _ backbone: Backbone?, _ data: LabeledFeatures,
    _ instructionSet: InstructionSet
  ) {
    let taps = Array(Set(candidate.columns.map(\.tap))).sorted()
    let stored = candidate.variant?.layers ?? data.layers
    let layers = stored.isEmpty ? backbone?.layers.map(\.name) ?? [] : stored
    let places = taps.map { tap -> Int? in tap == "input" ? -1 : layers.firstIndex { $0 == tap } }
    let counts = taps.map { backbone?.multiplyAdds(to: $0) }
    milliseconds = taps.isEmpty ? nil : backbone.flatMap { $0.milliseconds(to: taps, instructionSet) }
    multiplyAdds = Self.largest(counts)
    depth = candidate.variant?.name.backbone == nil ? Self.largest(places) : multiplyAdds
  }

  /// The largest number; nil if there is none or if one is not known.
  private static func largest(_ numbers: [Int?]) -> Int? {
    let known = numbers.compactMap(\.self)
    return known.count == numbers.count ? known.max() : nil
  }
}
