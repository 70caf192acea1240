import FoundationEssentials
import TapClassifier
import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// Files of format 3 that LayerTap did not write. Tests/Reference/models/format3.py makes them from the document alone.
@Suite struct HandMadeModelTests {
  @Test(.needs(.numPy)) func goodOnesAreReadAndBadOnesRefused() throws {
    try withTemporaryFolder { folder in
      let script = Repository.path("Tests/Reference/models/format3.py")
      let outcome = try Python.run(script, [folder])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let accepted = try FileSystem.list(folder + "/accepted")
      #expect(accepted.count >= 9)
      for name in accepted {
        let (classifier, _) = try Classifier.load("\(folder)/accepted/\(name)")
        // Writing the classifier and reading it again gives the same content.
        #expect(try Classifier(classifier.encoded, path: name) == classifier, "\(name)")
      }
      let refused = try FileSystem.list(folder + "/refused")
      #expect(refused.count >= 60)
      for name in refused {
        #expect(throws: ClassifierError.self, "\(name)") { try Classifier.load("\(folder)/refused/\(name)") }
      }
    }
  }
}
