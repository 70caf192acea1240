// The cost of a comparison's choices, known before the choices are made.

import TapTraining

extension ComparisonRunner {
  /// The cost of the choice of C in ``choose(_:_:progress:)``. The cost of combinations is the largest possible one.
  ///
  /// - Throws: ``TrainingError`` for data that cannot be trained on.
  public func searchEstimate(
    _ data: LabeledFeatures, _ partition: Partition
  ) throws(TrainingError) -> SearchEstimate {
    var estimates: [SearchEstimate] = []
    for trainer in trainers { estimates.append(try trainer.searchEstimate(data, partition)) }
    let classes = try partition.trainableClasses(data.images).count
    if let combined = combinedEstimate(Self.dimensions(of: data), partition, classes: classes) {
      estimates.append(combined)
    }
    return SearchEstimate(estimates)
  }

  /// The cost for features that are not computed yet, computed from sizes alone.
  ///
  /// - Parameter dimensions: for each variant (backbone and way to resize), the dimensions of its columns.
  package func searchEstimate(
    dimensions: [[Int]], _ partition: Partition, classes: Int
  ) -> SearchEstimate {
    let singles = SearchEstimate(
      settings, dimensions: dimensions.flatMap(\.self), partition: partition, classes: classes, threads: threads)
    return SearchEstimate(
      [singles, combinedEstimate(dimensions, partition, classes: classes)].compactMap(\.self))
  }

  /// The cost of the combinations; nil if nothing is combined. The columns of the variant with the most columns are
  /// combined, and each column has the mean of their dimensions.
  private func combinedEstimate(
    _ dimensions: [[Int]], _ partition: Partition, classes: Int
  ) -> SearchEstimate? {
    let columns = dimensions.max { $0.count < $1.count } ?? []
    let mean = columns.reduce(0, +) / max(1, columns.count)
    let combined = mostCombinations(of: columns.count).enumerated().flatMap { step, count in
      [Int](repeating: (step + 2) * mean, count: count)
    }
    guard !combined.isEmpty else { return nil }
    return SearchEstimate(
      settings, dimensions: combined, partition: partition, classes: classes, threads: threads
    ).ofCombinations
  }

  /// The dimensions of the columns of each variant.
  private static func dimensions(of data: LabeledFeatures) -> [[Int]] {
    var found: [(name: LabeledFeatures.VariantName?, dimensions: [Int])] = []
    for candidate in data.candidates {
      let name = candidate.variant?.name
      let index = found.firstIndex { $0.name == name } ?? found.count
      if index == found.count { found.append((name, [])) }
      found[index].dimensions.append(candidate.features.columns)
    }
    return found.map(\.dimensions)
  }
}
