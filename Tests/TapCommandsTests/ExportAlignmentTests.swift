import TapFileSystem
import TestSupport
import Testing

/// X and labels stay aligned if folders change between two runs. A NumPy script checks them with each image's features
/// from a separate extraction.
@Suite struct ExportAlignmentTests {
  @Test(.needs(.lite0, .numPy)) func duplicatesRenamesDamageAndDeletions() throws {
    try withTemporaryFolder { folder in
      let photos = folder + "/photos"
      for label in ["brick", "grass", "wood"] {
        try FileSystem.createDirectories("\(photos)/\(label)")
        let source = Repository.path("data/surfaces/test/\(label)")
        for name in try FileSystem.list(source).prefix(4) {
          try AtomicWriter.replace("\(photos)/\(label)/\(name)", with: FileSystem.read("\(source)/\(name)"))
        }
      }
      let extract = ["extract", "photos", "--layers", "blocks.2", "--output", "X.npy"]
      #expect(try Tool.run(extract, in: folder).status == 0)

      let names = try FileSystem.list(photos + "/brick")
      // The changes are a duplicate in another class, a rename that changes the order, a damaged image and a deleted
      // image.
      try AtomicWriter.replace(
        photos + "/grass/again.png", with: FileSystem.read(photos + "/brick/" + names[0]))
      try FileSystem.rename(photos + "/brick/" + names[1], to: photos + "/wood/zz.png")
      try AtomicWriter.replace(photos + "/brick/" + names[2], with: [0x89, 0x50, 0x4e, 0x47])
      try FileSystem.remove(photos + "/brick/" + names[3])
      let outcome = try Tool.run(extract, in: folder)
      #expect(outcome.status == 0)
      #expect(outcome.errors.contains(names[2]), "\(outcome.errors)")

      let script = """
        import csv, os, subprocess, sys
        import numpy as np
        tool, = sys.argv[1:]
        X, items = np.load("X.npy"), list(csv.DictReader(open("X.csv", newline="")))
        assert len(X) == len(items) == 11, (len(X), len(items))
        assert [item["path"] for item in items] == sorted(item["path"] for item in items)
        for row, item in zip(X, items):
            assert item["label"] == item["path"].split("/")[0], item
            path = os.path.join("photos", item["path"])
            subprocess.run([tool, "extract", path, "--layers", "blocks.2", "--store", "alone", "--output", "one.npy"],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            assert np.array_equal(np.load("one.npy")[0], row), item
        """
      let check = try Python.run(script, [Tool.path], in: folder)
      #expect(check.status == 0, "\(check.errors)")
    }
  }
}
