// The fit of the measure of novelty: distances as scikit-learn computes them, and the promise of the percentiles.

import TapClassifier
import TapFileSystem
import TapFormats
import TapTensors
import TapTraining
import TestSupport
import Testing

@Suite struct NoveltyFitTests {
  @Test func distancesAreThoseOfScikitLearn() throws {
    let json = try JSONValue.parse(FileSystem.read(Repository.path("Tests/Reference/novelty/novelty.json")))
    func floats(_ name: String) -> [Float] {
      (json[name]?.arrayValue ?? []).compactMap(\.doubleValue).map { Float($0) }
    }
    let columns = try #require(json["columns"]?.intValue)
    let labels = (json["labels"]?.arrayValue ?? []).compactMap(\.intValue)
    let train = MatrixView(rows: labels.count, columns: columns, elements: floats("train"))
    let fit = NoveltyFit(train, rows: Array(0..<labels.count), labels: labels, classCount: 5, seed: 1)
    let score = try fit.score()
    let new = floats("new")
    let expected = (json["distances"]?.arrayValue ?? []).compactMap(\.doubleValue)
    #expect(expected.count == 12)
    for (index, distance) in expected.enumerated() {
      let row = Array(new[index * columns..<(index + 1) * columns])
      #expect(abs(score.distance(row.span) - distance) < 1e-6 * distance)
    }
  }

  /// Rows of classes around drawn centers.
  private func drawn(
    _ count: Int, centers: [[Double]], _ numbers: inout XorShift
  ) -> (elements: [Float], labels: [Int]) {
    var elements: [Float] = []
    let labels = (0..<count).map { $0 % centers.count }
    for label in labels {
      for (column, center) in centers[label].enumerated() {
        elements.append(Float(center + numbers.normal() * (column % 3 == 0 ? 1 : 0.3)))
      }
    }
    return (elements, labels)
  }

  /// About one in a hundred new rows of the known classes is above the 99th percentile, and half are above the
  /// 50th. Rows of other classes are above.
  @Test func percentilesKeepTheirPromise() throws {
    var numbers = XorShift(seed: 8)
    let columns = 24
    func centers(_ count: Int) -> [[Double]] {
      (0..<count).map { _ in (0..<columns).map { _ in 4 * numbers.uniform() } }
    }
    let known = centers(6)
    let train = drawn(900, centers: known, &numbers)
    let test = drawn(3000, centers: known, &numbers)
    let other = drawn(300, centers: centers(20), &numbers)
    let score = try NoveltyFit(
      MatrixView(rows: 900, columns: columns, elements: train.elements), rows: Array(0..<900),
      labels: train.labels, classCount: 6, seed: 0
    ).score()
    func distances(_ elements: [Float]) -> [Double] {
      stride(from: 0, to: elements.count, by: columns).map { start in
        let row = Array(elements[start..<start + columns])
        return score.distance(row.span)
      }
    }
    let inside = distances(test.elements)
    let above = Double(inside.count { score.isUnlike($0) }) / 3000
    #expect(above > 0.001 && above < 0.025)
    let half = Double(inside.count { score.percentile(of: $0) >= 0.5 }) / 3000
    #expect(abs(half - 0.5) < 0.06)
    #expect(distances(other.elements).count { score.isUnlike($0) } > 270)
  }

  /// Rows without variation, rows of zeros, and classes of two rows.
  @Test func smallAndConstantDataHaveAScore() throws {
    for elements: [Float] in [[1, 1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 0], [1, 2, 1, 2.1, 5, 1, 5, 1.1]] {
      let score = try NoveltyFit(
        MatrixView(rows: 4, columns: 2, elements: elements), rows: [0, 1, 2, 3], labels: [0, 0, 1, 1],
        classCount: 2, seed: 0
      ).score()
      let row: [Float] = [1, 7]
      let distance = score.distance(row.span)
      #expect(distance.isFinite && distance >= 0)
    }
  }

  @Test func aClassOfOneRowGivesNoScore() {
    let features = MatrixView(rows: 3, columns: 1, elements: [1, 2, 3])
    let fit = NoveltyFit(features, rows: [0, 1, 2], labels: [0, 0, 1], classCount: 2, seed: 0)
    #expect(throws: (any Error).self) { try fit.score() }
  }

  /// Rows of a group are never measured with the means of this group.
  @Test func groupsStayInOneFold() throws {
    // Each group has two equal rows of one class, far from the rows of the other groups.
    let features = MatrixView(rows: 16, columns: 16) { elements in
      for row in 0..<16 { elements[row * 16 + row / 2] = 1 }
    }
    func score(_ groups: [Int]?) throws -> NoveltyScore {
      try NoveltyFit(
        features, rows: Array(0..<16), labels: (0..<16).map { $0 / 2 % 2 }, groups: groups, classCount: 2, seed: 0
      ).score()
    }
    let alone = try score(nil)
    let grouped = try score((0..<16).map { $0 / 2 })
    #expect(grouped.means == alone.means)
    // A row is orthogonal to all rows of other groups, so its squared distance from their mean is above 1.
    #expect(grouped.percentiles[0] > 1 && alone.percentiles[0] < 1)
  }

  @Test func theSeedAndTheRowsDecideEverything() throws {
    var numbers = XorShift(seed: 2)
    let train = drawn(60, centers: [[0, 1, 2, 3], [3, 2, 1, 0]], &numbers)
    let features = MatrixView(rows: 60, columns: 4, elements: train.elements)
    func score(_ seed: UInt64) throws -> NoveltyScore {
      try NoveltyFit(features, rows: Array(0..<60), labels: train.labels, classCount: 2, seed: seed).score()
    }
    #expect(try score(1) == score(1))
  }
}
