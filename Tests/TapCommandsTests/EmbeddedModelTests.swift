// `train --embed-backbone` writes a model that predicts the same bytes in another folder, without weights and as
// another user.

import FoundationEssentials
import Glibc
import TapFileSystem
import TestSupport
import Testing

@Suite struct EmbeddedModelTests {
  @Test(.needs(.lite0), arguments: ["blocks.2", "penultimate"]) func predictsAloneAsBefore(layer: String)
    throws
  {
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<8, to: folder + "/photos")
      let cat = try FileSystem.read(Repository.path("data/photos/cat.jpg"))
      try AtomicWriter.replace(folder + "/cat.jpg", with: cat)
      for (model, options) in [("whole", ["--embed-backbone"]), ("head", [])] {
        let trained = try Tool.run(
          ["train", "photos", "--layers", layer, "--c", "1", "--output", model + ".layertap"] + options,
          in: folder)
        #expect(trained.status == 0, "\(trained.errors)")
      }
      let before = try Tool.run(
        ["predict", "head.layertap", "cat.jpg", "--format", "json", "--top", "2"], in: folder)
      #expect(before.status == 0 && before.output.contains("probability"))

      // The command runs in another folder, with another home and without variables. If root runs the test, the command
      // runs as another user.
      let empty = folder + "/empty"
      try FileSystem.createDirectories(empty)
      for name in ["whole.layertap", "head.layertap", "cat.jpg"] {
        try AtomicWriter.replace(empty + "/" + name, with: FileSystem.read(folder + "/" + name))
      }
      try AtomicWriter.replace(empty + "/layertap", with: FileSystem.read(Tool.path))
      let script = """
        chmod -R a+rX "$0" "$0/.."; chmod a+x "$0/layertap"; cd "$0"
        alone=(env -i HOME="$0" PATH=/usr/bin:/bin LD_LIBRARY_PATH="$LD_LIBRARY_PATH")
        if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && \
          setpriv --reuid=65534 --clear-groups "${alone[@]}" ./layertap --version >/dev/null 2>&1
        then alone=(setpriv --reuid=65534 --clear-groups "${alone[@]}"); fi
        "${alone[@]}" ./layertap predict "$1.layertap" cat.jpg --format json --top 2
        """
      let alone = try Tool.run("/bin/bash", ["-c", script, empty, "whole"])
      #expect(alone.status == 0 && alone.output == before.output, "\(alone.errors)")
      let without = try Tool.run("/bin/bash", ["-c", script, empty, "head"])
      #expect(without.status == 66 && without.errors.contains("weights of efficientnet_lite0 are missing"))
      let evaluated = try Tool.run(
        ["evaluate", "whole.layertap", "../photos", "--store", "s"], in: empty,
        environment: ["HOME": empty, "XDG_DATA_HOME": nil, "LAYERTAP_WEIGHTS": nil])
      #expect(evaluated.status == 0 && evaluated.output.contains("8 images"), "\(evaluated.errors)")
    }
    #expect(try Tool.run(["train", "X.npy", "--embed-backbone"]).status == 64)
  }

  /// The network comes from an ONNX file with a node that no kernel computes. The model does not need the ONNX file.
  @Test(arguments: [true, false]) func carriesAnImportedNetwork(normalizes: Bool) throws {
    try withTemporaryFolder { folder in
      let network = WeightFiles.onnx(layers: 2, channels: 5, normalizes: normalizes)
      try AtomicWriter.replace(folder + "/network.onnx", with: network)
      let image = Repository.path("data/photos/cat.jpg")
      for (model, options) in [("whole", ["--embed-backbone"]), ("head", [])] {
        let trained = try Tool.run(
          [
            "train", Repository.path("data/surfaces"), "--backbone", "network.onnx", "--mean", "0.5,0.4,0.3",
            "--std", "1,1,1", "--layers", "r1", "--c", "1", "--limit", "40", "--output", model + ".layertap",
          ] + options, in: folder)
        #expect(trained.status == 0, "\(trained.errors)")
      }
      let before = try Tool.run(
        ["predict", "head.layertap", image, "--backbone", "network.onnx", "--format", "json"], in: folder)
      #expect(before.status == 0 && before.output.contains("probability"), "\(before.errors)")
      try FileSystem.remove(folder + "/network.onnx")
      let alone = try Tool.run(["predict", "whole.layertap", image, "--format", "json"], in: folder)
      #expect(alone.status == 0 && alone.output == before.output, "\(alone.errors)")
      #expect(try Tool.run(["predict", "head.layertap", image], in: folder).status != 0)
    }
  }
}
