import FoundationEssentials
import TapFormats
import TapTraining
import TestSupport

/// Labeled matrices for tests. Two classes overlap, and the third is apart from them. A fixed rule draws the numbers.
public enum TrainingFixtures {
  /// Four features for each of `count` rows. The row at `index` is of class `index % 3`.
  public static func features(_ count: Int) -> [Float] {
    var numbers = Congruential(state: 42)
    return (0..<count).flatMap { row -> [Float] in
      let center: [Float] = [[0, 0, 0, 0], [0.6, 0.3, 0, 0], [4, 4, 0, 0]][row % 3]
      return center.map { $0 + numbers.uniformFloat() }
    }
  }

  /// The data of a matrix whose rows have these splits and groups, which are repeated, or none if the array is empty.
  /// The features of spoiled rows are NaN.
  public static func data(
    _ count: Int, splits: [String] = [], groups: [String] = [], labels: [String]? = nil,
    weights: [Double]? = nil, spoiling isSpoiled: (Int) -> Bool = { _ in false }
  ) throws -> LabeledFeatures {
    try withTemporaryFolder { folder in
      var features = features(count)
      for row in 0..<count where isSpoiled(row) { features[4 * row] = .nan }
      let encoded = NPY.encode(features, shape: [count, 4])
      try Data(encoded).write(to: URL(filePath: folder + "/X.npy"))
      var table = CSV.line(["path", "label", "split", "group"] + (weights == nil ? [] : ["weight"]))
      for row in 0..<count {
        table += CSV.line(
          [
            "\(row).jpg", labels?[row] ?? ["a", "b", "c"][row % 3],
            splits.isEmpty ? "" : splits[row % splits.count],
            groups.isEmpty ? "" : groups[row % groups.count],
          ] + (weights.map { ["\($0[row])"] } ?? []))
      }
      try Data(table.utf8).write(to: URL(filePath: folder + "/X.csv"))
      return try LabeledFeatures(matrix: folder + "/X.npy")
    }
  }
}
