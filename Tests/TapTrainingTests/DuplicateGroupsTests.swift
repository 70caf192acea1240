// Groups of equal and nearly equal images are those of a comparison of all rows, and no drawn split divides them.

import TapFeatures
import TapSettings
import TapTensors
import TapTraining
import TestSupport
import Testing

@Suite struct DuplicateGroupsTests {
  /// Random rows, rows near some of them, rows near these rows in turn, and rows with the contents of others.
  private struct Rows {
    var values: [[Float]] = []
    var hashes: [String] = []
    var images: [ImageItem] = []

    init(group: (Int) -> String? = { _ in nil }, split: (Int) -> SplitName? = { _ in nil }) {
      var numbers = XorShift(seed: 5)
      for row in 0..<90 { add((0..<24).map { _ in Float(numbers.normal()) }, label: row % 3) }
      for row in 0..<30 { add(values[row].map { $0 + Float(0.12 * numbers.normal()) }, label: row % 3) }
      for row in 90..<100 { add(values[row].map { 3 * $0 + Float(0.5 * numbers.normal()) }, label: row % 3) }
      for row in [40, 41, 42, 95] { add(values[row], label: row % 3, hash: hashes[row]) }
      for row in images.indices {
        images[row].group = group(row)
        images[row].split = split(row)
      }
    }

    private mutating func add(_ row: [Float], label: Int, hash: String? = nil) {
      images.append(ImageItem(path: "\(values.count).jpg", label: ["a", "b", "c"][label]))
      hashes.append(hash ?? "\(values.count)")
      values.append(row)
    }

    var data: LabeledFeatures {
      let matrix = MatrixView(rows: values.count, columns: 24, elements: values.flatMap(\.self))
      return LabeledFeatures(
        candidates: [LabeledFeatures.Candidate(column: nil, features: matrix)], images: images, hashes: hashes,
        identity: nil, extraction: nil, backbone: nil)
    }

    private func isNear(_ a: Int, _ b: Int) -> Bool {
      var (aa, bb, ab) = (0.0, 0.0, 0.0)
      for (x, y) in zip(values[a], values[b]) {
        aa += Double(x) * Double(x)
        bb += Double(y) * Double(y)
        ab += Double(x) * Double(y)
      }
      return ab >= 0.97 * (aa * bb).squareRoot() || hashes[a] == hashes[b]
    }

    /// For each row, all rows that chains of pairs reach.
    func reached(withGroups: Bool) -> [Set<Int>] {
      let next = values.indices.map { a in
        values.indices.filter { b in
          isNear(a, b) || withGroups && images[a].group != nil && images[a].group == images[b].group
        }
      }
      return values.indices.map { start in
        var (found, open): (Set<Int>, [Int]) = ([start], [start])
        while let row = open.popLast() {
          for other in next[row] where found.insert(other).inserted { open.append(other) }
        }
        return found
      }
    }
  }

  private var settings: DuplicateSettings {
    var settings = DuplicateSettings()
    settings.areGrouped = true
    return settings
  }

  @Test(arguments: [false, true])
  func groupsAreThoseOfAllPairs(areSomeGrouped: Bool) throws {
    let rows = Rows(group: { areSomeGrouped && $0 % 10 == 3 ? "film \($0 % 20)" : nil })
    let groups = try DuplicateGroups(rows.data, settings, threads: 2)
    let expected = rows.reached(withGroups: true)
    let names = groups.data.images.map(\.group)
    for a in expected.indices {
      for b in expected.indices where a != b {
        #expect((names[a] != nil && names[a] == names[b]) == expected[a].contains(b), "\(a) \(b)")
      }
    }
    let pairs = rows.reached(withGroups: false).filter { $0.count > 1 }
    #expect(groups.images == pairs.count && groups.groups == Set(pairs).count)
    #expect(pairs.count > 60 && pairs.contains { $0.count > 3 })
    #expect(
      groups.text
        == "\(pairs.count) equal or nearly equal images stay together in \(Set(pairs).count) groups (cosine of at least 0.97 "
        + "in the features of matrix; another value of `near` changes it).")
    // All other facts about the items stay.
    #expect(groups.data.images.map(\.path) == rows.images.map(\.path))
    #expect(areSomeGrouped == names.contains("film 3"))
  }

  @Test func noNewNameIsThatOfAnotherGroup() throws {
    let rows = Rows(group: { $0 == 70 ? "like 0.jpg" : $0 == 71 ? "like 0.jpg'" : nil })
    let names = try DuplicateGroups(rows.data, settings).data.images.map(\.group)
    #expect(names[0] == names[90] && names[0] == "like 0.jpg''" && names[70] == "like 0.jpg")
  }

  @Test func drawnSplitsDivideNoGroup() throws {
    let rows = Rows()
    let groups = try DuplicateGroups(rows.data, settings)
    let reached = rows.reached(withGroups: false)
    var (dividedAlone, drawn) = (0, 0)
    for seed in 1...5 as ClosedRange<UInt64> {
      func divided(_ images: [ImageItem]) throws -> Int {
        let partition = try Partition(images, testFraction: 0.3, validationFraction: 0.2, seed: seed)
        let parts = [partition.training, partition.validation, partition.test].map(Set.init)
        #expect(parts.allSatisfy { !$0.isEmpty })
        return reached.count { rows in parts.count { !$0.isDisjoint(with: rows) } > 1 }
      }
      #expect(try divided(groups.data.images) == 0)
      dividedAlone += try divided(rows.images)
      drawn += 1
      let partition = try Partition(groups.data.images, testFraction: 0.3, validationFraction: 0.2, seed: seed)
      #expect(groups.dividedText(partition) == nil)
    }
    #expect(dividedAlone > 5 * drawn)
  }

  /// Splits that are given stay, and the images that they divide are counted.
  @Test func givenSplitsAreCounted() throws {
    let rows = Rows(split: { $0 < 60 ? .train : $0 % 7 < 3 ? .validation : .test })
    let groups = try DuplicateGroups(rows.data, settings)
    let partition = try Partition(groups.data.images)
    #expect(partition.training == Array(0..<60))
    let reached = rows.reached(withGroups: false)
    let validation = partition.validation.count { row in reached[row].contains { $0 < 60 } }
    let test = partition.test.count { row in reached[row].contains { !partition.test.contains($0) } }
    #expect(validation > 5 && test > 10)
    #expect(
      groups.dividedText(partition)?.hasPrefix(
        "\(validation) validation images and \(test) test images are equal or nearly equal to images of another split. "
      )
        == true)
    var far = settings
    far.threshold = 1
    let text = try DuplicateGroups(rows.data, far).dividedText(partition)
    #expect(text?.contains("validation") != true || text?.contains("test") == true)
  }
}
