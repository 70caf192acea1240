import Synchronization
import TapArchitectures
import TapBackbone
import TapFeatures
import TapFileSystem
import TapSettings
import TapTraining
import TestSupport
import Testing

/// C is chosen for several columns at the same time, and only once for columns with the same numbers.
@Suite struct ColumnSearchTests {
  private func withColumns(_ body: (LabeledFeatures) throws -> Void) throws {
    try withTemporaryFolder { folder in
      var table = "path,label\n"
      for index in 0..<24 {
        try AtomicWriter.replace("\(folder)/\(index).png", with: generatedPNG(seed: index))
        table += "\(index).png,\(index % 3)\n"
      }
      try AtomicWriter.replace(folder + "/list.csv", with: table)
      var backbone = try Architectures.seeded("resnet20_cifar10", seed: 1)
      backbone.preprocessing.size = 32
      let columns = try backbone.columns(layers: ["layer1", "layer3", "avgpool"], poolings: [.avg])
      let extraction = try FeatureExtractor(backbone: backbone, columns: columns).extract(
        ImageList(manifest: folder + "/list.csv", folder: folder), into: folder + "/store")
      try body(LabeledFeatures(extraction.items, in: extraction.store, columns: columns))
      // Each call has a new store, since a second `body` would find the choices of the first `body` in it.
    }
  }

  @Test func threadsChangeNoChoiceAndEqualColumnsAreSearchedOnce() throws {
    var selections: [[String]] = []
    for threads in [1, 3] {
      try withColumns { data in
        let calls = Mutex<[[Int]]>([])
        let trained = try Trainer(threads: threads).train(data, Partition(data.images)) { done, total in
          calls.withLock { $0.append([done, total]) }
        }
        selections.append(trained.results.map { "\($0.selection)" })
        #expect(trained.searchedColumns == 2)
        #expect(trained.results[1].selection == trained.results[2].selection)
        #expect(
          trained.equalColumnsText
            == "\(trained.results[2].candidate.name) holds the same numbers as "
            + "\(trained.results[1].candidate.name): C was searched for once.")
        // The total is that of two columns, five folds and nineteen values of C. Fits that patience leaves out are
        // counted too.
        let seen = calls.withLock { $0 }
        #expect(seen.first == [0, 190] && seen.last == [190, 190])
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0[0] <= $1[0] })

        let again = try Trainer(threads: threads).train(data, Partition(data.images))
        #expect(again.searchedColumns == 0)
        #expect(again.results.map { "\($0.selection)" } == selections.last)
      }
    }
    #expect(selections[0] == selections[1])
  }
}
