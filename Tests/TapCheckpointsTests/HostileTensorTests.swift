import TapCheckpoints
import TapFormats
import TestSupport
import Testing

/// Tensors that declare views beyond their storage. The tests write the pickles instruction by instruction. Some of the
/// cases were found by fuzzing.
struct HostileTensorTests {
  private struct Claim {
    var shape: [Int]
    var strides: [Int]
    var offset = 0
  }

  /// A legacy checkpoint: a dictionary of tensors "0", "1", … that all view one storage of four numbers.
  private static func checkpoint(_ claims: [Claim]) -> [UInt8] {
    let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    var bytes: [UInt8] = [0x80, 2, 0x8A, 10] + magic + [0x2E, 0x80, 2, 0x4D, 0xE9, 3, 0x2E]
    bytes += [0x80, 2, 0x7D] + text("little_endian") + [0x88, 0x73, 0x2E]
    bytes += [0x80, 2, 0x7D]
    for (index, claim) in claims.enumerated() {
      bytes += text("\(index)") + Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8) + text("storage")
      bytes += Array("ctorch\nFloatStorage\n".utf8) + text("0") + text("cpu") + Array("K\u{4}NtQ".utf8)
      bytes += integer(claim.offset) + tuple(claim.shape) + tuple(claim.strides) + [0x89] + Array("}tRs".utf8)
    }
    bytes += [0x2E, 0x80, 2, 0x5D] + text("0") + Array("a.".utf8)
    return bytes + [4, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
  }

  private static func text(_ text: String) -> [UInt8] { [0x58, UInt8(text.utf8.count), 0, 0, 0] + text.utf8 }

  private static func integer(_ value: Int) -> [UInt8] {
    [0x8A, 8] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func tuple(_ values: [Int]) -> [UInt8] { [0x28] + values.flatMap(integer) + [0x74] }

  private func reason(_ claims: [Claim]) -> CheckpointError.Reason? {
    do throws(CheckpointError.Reason) {
      _ = try Checkpoint.load(bytes: Self.checkpoint(claims).span)
      return nil
    } catch {
      return error
    }
  }

  /// A stride of 0 repeats the same elements, so a file of 200 bytes can declare gigabytes.
  @Test func viewsCannotMultiplyBeyondTheFile() {
    let bomb = Claim(shape: [0x4FF_FFFF, 4], strides: [0, 1])
    #expect(reason([bomb]) == .tooManyElements(name: "0", limit: 1 << 20))
    #expect(reason([Claim(shape: [1 << 20], strides: [0])]) == nil)
  }

  @Test func theSumOfElementsDoesNotOverflow() {
    let claims = [Claim(shape: [4], strides: [1]), Claim(shape: [.max], strides: [0])]
    #expect(reason(claims) == .tooManyElements(name: "1", limit: 1 << 20))
  }

  /// PyTorch saves empty tensors with any offset and extents.
  @Test func emptyTensorsMayClaimAnything() throws {
    let claims = [
      Claim(shape: [0, 1 << 40, 1 << 40], strides: [1, 1 << 40, 1]),
      Claim(shape: [0], strides: [1], offset: .max), Claim(shape: [0], strides: [2], offset: .max),
    ]
    let state = try Checkpoint.load(bytes: Self.checkpoint(claims).span)
    #expect(state.tensors["0"]?.shape == [0, 1 << 40, 1 << 40] && state.tensors["0"]?.elements == [])
    #expect(state.tensors["1"]?.shape == [0] && state.tensors["2"]?.shape == [0])
  }

  @Test func tensorsHaveUpToSixtyFourAxes() {
    let ones = [Int](repeating: 1, count: 65)
    #expect(reason([Claim(shape: Array(ones.dropLast()), strides: Array(ones.dropLast()))]) == nil)
    guard case .pickle(.badCall(of: "_rebuild_tensor", _))? = reason([Claim(shape: ones, strides: ones)])
    else {
      Issue.record("65 axes were taken")
      return
    }
  }
}
