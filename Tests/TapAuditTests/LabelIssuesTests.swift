// Planted wrong labels are found and counted, and hard images are not counted.

import TapAudit
import TapTensors
import TestSupport
import Testing

struct LabelIssuesTests {
  /// Clouds of points. The classes 0 and 1 overlap, the others do not.
  static func clouds(_ count: Int, distance: Double, seed: UInt64) -> (features: MatrixView, labels: [Int]) {
    var numbers = XorShift(seed: seed)
    let labels = (0..<count).map { $0 % 4 }
    let elements = labels.flatMap { label in
      (0..<12).map { j -> Float in
        let center = j == label ? distance : label < 2 && j < 2 ? distance - 1.5 : 0
        return Float(center + numbers.normal())
      }
    }
    return (MatrixView(rows: count, columns: 12, elements: elements), labels)
  }

  static func issues(_ features: MatrixView, _ labels: [Int]) throws -> LabelIssues {
    let classifier = try RidgeClassifier(features, labels: labels, classCount: 4, threads: 2)
    return LabelIssues(
      scores: classifier.leaveOneOutScores, labels: labels, classCount: 4, threads: 2)
  }

  @Test(arguments: [0.05, 0.1, 0.2], [false, true])
  func plantedLabelsAreFoundAndCounted(share: Double, isSimilar: Bool) throws {
    let (features, truth) = Self.clouds(800, distance: 4, seed: 11)
    let before = try Self.issues(features, truth)
    var numbers = Congruential(seed: 5)
    var labels = truth
    var planted: Set<Int> = []
    while planted.count < Int(share * 800) {
      let index = numbers.next(below: 800)
      guard planted.insert(index).inserted else { continue }
      labels[index] = isSimilar ? truth[index] ^ 1 : (truth[index] + 1 + numbers.next(below: 3)) % 4
    }
    let found = try Self.issues(features, labels)
    #expect(found.judgments.count == 800)
    // The average precision: the mean, over the planted labels, of the precision at their places.
    var (hits, precision) = (0, 0.0)
    for (place, judgment) in found.judgments.enumerated() where planted.contains(judgment.index) {
      hits += 1
      precision += Double(hits) / Double(place + 1)
    }
    #expect(precision / Double(planted.count) > (isSimilar ? 0.7 : 0.85))
    let counted = (found.estimate - before.estimate) / Double(planted.count)
    #expect(abs(counted - 1) < (share < 0.1 ? 0.5 : 0.25), "\(before.estimate), \(found.estimate)")
    // The suggestion is the true label for most of the planted labels.
    let right = found.judgments.count { planted.contains($0.index) && $0.suggestion == truth[$0.index] }
    #expect(Double(right) > 0.85 * Double(planted.count))
    #expect(found.likelyWrong.count == Int(found.estimate.rounded()))
  }

  /// If classes overlap, a classifier is often wrong and the labels are right.
  @Test func hardImagesAreNotCounted() throws {
    let (features, labels) = Self.clouds(800, distance: 1.6, seed: 2)
    let classifier = try RidgeClassifier(features, labels: labels, classCount: 4, threads: 2)
    let scores = classifier.leaveOneOutScores
    let mistakes = labels.indices.count { i in
      (0..<4).contains { scores[4 * i + $0] > scores[4 * i + labels[i]] }
    }
    let issues = LabelIssues(scores: scores, labels: labels, classCount: 4, threads: 2)
    #expect(mistakes > 150 && issues.estimate < 0.25 * Double(mistakes), "\(mistakes), \(issues.estimate)")
  }

  /// Scores by hand: a label that the scores contradict comes first, with the contradicting class as suggestion.
  @Test func theMostContradictedLabelIsFirst() {
    var (scores, labels): ([Float], [Int]) = ([], [])
    for i in 0..<200 {
      labels.append(i % 2)
      scores += i % 2 == 0 ? [0.9, 0.1, 0] : [0.1, 0.9, 0]
    }
    labels[42] = 2
    labels[7] = 0
    scores.replaceSubrange(21..<24, with: [0.35, 0.65, 0])
    let issues = LabelIssues(scores: scores, labels: labels, classCount: 3, threads: 1)
    #expect(issues.judgments[0].index == 42 && issues.judgments[0].suggestion == 0)
    #expect(issues.judgments[1].index == 7 && issues.judgments[1].suggestion == 1)
    #expect(issues.judgments[0].score < 0 && issues.judgments[2].score > 0)
  }
}
