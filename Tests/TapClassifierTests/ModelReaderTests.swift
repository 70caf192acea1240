// The documentation shows a reader in Python. A reader that follows the document gets the same bits as LayerTap.

import TestSupport
import Testing

@Suite struct ModelReaderTests {
  /// `Examples/read_model.py` reads the golden models, and files of format 3 that were made by hand, good and bad.
  @Test(.needs(.numPy)) func theExampleReadsEveryFormat() throws {
    let script = Repository.path("Tests/Reference/models/check_reader.py")
    let outcome = try Python.run(script)
    #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.errors)")
  }
}
