import TapCheckpoints
import TapFileSystem
import TapTensors
import TestSupport
import Testing

/// State dicts inside the files of training scripts. Tests/Reference/checkpoints/make_wrapped.py wrote these files with
/// PyTorch.
struct WrappedCheckpointTests {
  private static let folder = Repository.path("Tests/Reference/checkpoints/wrapped")
  private static let names = [
    "key_model_state_dict", "key_net", "key_weights", "key_network", "key_params", "key_generator",
    "objects_beside",
    "objects_among", "nested", "ema", "teacher",
  ].flatMap { [$0, $0 + "_legacy"] }

  @Test(arguments: names)
  func theStateDictIsFound(name: String) throws {
    let (weights, _) = try Checkpoint.loadWithDigest("\(Self.folder)/\(name).pth")
    #expect(Set(weights.state.tensors.keys) == ["conv.weight", "conv.bias"])
    #expect(weights.state["conv.weight"]?.elements == [0, 1, 2, 3])
    #expect(weights.state["conv.bias"]?.elements == [2, 2])
    // A warning appears only if there was a choice.
    let expected =
      name.hasPrefix("ema")
      ? ["The weights below \"params_ema\" are used, not those below \"params\"."]
      : name.hasPrefix("teacher")
        ? ["The weights below \"teacher\" are used, not those below \"student\"."]
        : name.hasPrefix("key_generator") ? ["The weights below \"generator\" are used."] : []
    #expect(weights.warnings == expected, "\(name)")
  }

  private func reason(_ name: String) -> CheckpointError.Reason? {
    do throws(CheckpointError) {
      _ = try Checkpoint.load("\(Self.folder)/\(name)")
      return nil
    } catch { return error.reason }
  }

  @Test func whatHoldsNoStateDictIsNamed() {
    let several = CheckpointError.Reason.notStateDictionary(
      found: "several, below \"generator\", \"discriminator\"")
    #expect(reason("refused_several.pth") == several && reason("refused_several_legacy.pth") == several)
    #expect(reason("refused_none.pth") == .notStateDictionary(found: "a dictionary without tensors"))
    #expect(reason("refused_script.pt") == .otherFile(.torchScript))
    #expect(reason("refused_export.pt2") == .otherFile(.exportedProgram))
    for (name, words) in [
      ("refused_module.pth", "whole pickled model"), ("refused_quantized.pth", "quantized"),
    ] {
      #expect(
        reason(name)?.description.contains(words) == true, "\(name): \(String(describing: reason(name)))")
    }
  }

  private static let others: [([UInt8], UnsupportedFile, String)] = [
    (
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8), UnsupportedFile.lfsPointer,
      "git lfs pull"
    ),
    (Array("\n <!doctype HTML><p>not found".utf8), .html, "page"),
    ([0xEF, 0xBB, 0xBF] + Array("<html>".utf8), .html, "page"),
    (Array("{\"weight_map\": {}}".utf8), .json, "JSON"),
    ([0x89] + Array("HDF\r\n\u{1A}\n....".utf8), .hdf5, "ONNX"),
    ([0x93] + Array("NUMPY..".utf8), .numpy, "safetensors"), (Array("GGUF....".utf8), .gguf, "GGUF"),
    ([0x1C, 0, 0, 0] + Array("TFL3....".utf8), .tfLite, "ONNX"),
    ([0x1F, 0x8B, 8, 0, 0], .compressed, "Unpack"),
    ([0x80, 4, 0x95, 0, 0], .pickle, "torch.save"),
    ([0x08, 0x08, 0x12, 0x07] + Array("pytorch".utf8), .onnx, ".onnx"),
  ]

  /// The first bytes of a file determine its kind. The error names the kind and the remedy.
  @Test(arguments: others)
  func otherFilesAreNamed(bytes: [UInt8], expected: UnsupportedFile, words: String) {
    do throws(CheckpointError.Reason) {
      _ = try Checkpoint.load(bytes: bytes.span)
      Issue.record("it was read")
    } catch {
      #expect(error == .otherFile(expected) && error.description.contains(words))
    }
  }

  /// Any changed byte, also in skipped objects, gives an error or other numbers, never a trap.
  @Test(arguments: ["objects_among_legacy", "nested_legacy", "teacher_legacy"])
  func damagedFilesNeverTrap(name: String) throws {
    let whole = try FileSystem.read("\(Self.folder)/\(name).pth")
    for position in stride(from: 0, to: whole.count, by: 3) {
      var bytes = whole
      bytes[position] = bytes[position] &+ UInt8(position % 255 + 1)
      _ = try? Checkpoint.load(bytes: bytes.span)
    }
  }

  /// Python objects with plain data are skipped. Every object that could look up an attribute or run code is refused,
  /// and the error names the object.
  @Test(arguments: [
    "__builtin__\ngetattr", "builtins\neval", "os\nsystem", "copyreg\n_reconstructor", "torch\nload",
  ])
  func objectsThatCouldRunAreRefused(name: String) {
    let bytes = Self.legacyFile("}U\u{1}ac\(name)\n)Rs.")
    do throws(CheckpointError.Reason) {
      _ = try Checkpoint.load(bytes: bytes.span)
      Issue.record("it was read")
    } catch {
      #expect(error == .pickle(.refusedGlobal(name.replacing("\n", with: "."))))
    }
  }

  /// The search for a state dict must end in a dictionary that contains itself.
  @Test func wrappersThatHoldThemselvesEnd() {
    let bytes = Self.legacyFile("}q\u{0}U\u{5}modelh\u{0}sU\u{3}neth\u{0}s.")
    do throws(CheckpointError.Reason) {
      _ = try Checkpoint.load(bytes: bytes.span)
      Issue.record("it was read")
    } catch {
      #expect(error == .notTensor(name: "model", found: "a dictionary"))
    }
  }

  /// A file of the format before PyTorch 1.6 whose object is the given pickle, of protocol 2.
  private static func legacyFile(_ pickle: String) -> [UInt8] {
    let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    var bytes: [UInt8] = [0x80, 2, 0x8A, 10] + magic + [0x2E, 0x80, 2, 0x4D, 0xE9, 3, 0x2E]
    bytes += [0x80, 2, 0x7D, 0x58, 13, 0, 0, 0] + Array("little_endian".utf8) + [0x88, 0x73, 0x2E]
    return bytes + [0x80, 2] + Array(pickle.utf8)
  }
}
