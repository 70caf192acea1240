import TapFileSystem
import Testing

@Suite struct GlobTests {
  @Test(arguments: [
    ("*.png", ["a.png", "x/y/b.png", "x.png/c.jpg"], ["a.PNG", "png", "a.pngx"]),
    ("masks", ["masks/1.png", "a/masks/b/2.png", "masks"], ["masks2/1.png", "a/xmasks"]),
    ("masks/", ["masks/1.png", "a/masks/2.png"], ["maskss/1.png"]),
    (
      "train/*/extra", ["train/a/extra/1.png", "train/b/extra"],
      ["train/a/b/extra/1.png", "x/train/a/extra", "train/a"]
    ),
    ("/top", ["top/1.png", "a/top/1.png"], ["topper"]),
    ("**/raw", ["raw/1.png", "a/raw/1.png", "a/b/raw"], ["a/rawb/1"]),
    ("a/**/z.png", ["a/z.png", "a/b/z.png", "a/b/c/z.png"], ["z.png", "b/a/z.png", "a/y.png"]),
    ("a?.jpg", ["ab.jpg", "a\u{E9}.jpg"], ["a.jpg", "abc.jpg", "ae\u{301}.jpg"]),
    ("[a-c]*[!0-9].x", ["b1y.x", "aq.x"], ["d1y.x", "b19.x"]),
    ("[]x]", ["]", "x"], ["y"]), ("[ab", ["[ab"], ["a", "b"]),
    ("\\*.png", ["*.png"], ["a.png"]), ("", [], ["a", ""]), ("\u{E9}*", ["\u{E9}1"], ["e\u{301}1"]),
    ("*_mask*", ["1_mask.png", "a/2_masked.png"], ["mask.png"]),
  ])
  func matchesLikeAShell(pattern: String, matching: [String], others: [String]) {
    let glob = Glob(pattern)
    for path in matching { #expect(glob.matches(path), "\(pattern) and \(path)") }
    for path in others { #expect(!glob.matches(path), "\(pattern) and \(path)") }
  }

  @Test func aHostilePatternIsNoLongWait() {
    let name = String(repeating: "a", count: 2000)
    let start = ContinuousClock.now
    #expect(!Glob(String(repeating: "*a", count: 500) + "b").matches(name))
    #expect(
      !Glob(String(repeating: "**/", count: 200) + "b").matches(
        Array(repeating: "a", count: 200).joined(separator: "/")))
    #expect(ContinuousClock.now - start < .seconds(20))
  }
}
