"""Token ids of BERT's WordPiece and CLIP's byte pairs, by transformers, on small made-up vocabularies."""

from transformers import BertTokenizer, CLIPTokenizer

from common import write

PIECES = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] the quick brown fox jump ##s ##ed over lazy dog a an un ##aff ##able cafe café naive ##ly ! , . ? ' \" - $ t ( ) "
    "中 国 人 ##中 1 2 ##3 2021 résumé resume e ##e ##x é The CLS ] [ don straße stra ##ß ##ss"
).split()

TEXTS = [
    "the quick brown fox jumps over the lazy dog",
    "The  QUICK\tbrown\nfox,jumped!",
    "unaffable unaffablely zzz",
    "café Café CAFÉ cafe\u0301 naïvely",
    "中国人 the中国",
    "don't $t$ (a-an) \"2021\" 123",
    "résumé Straße straße",
    "[CLS] the [SEP] dog [MASK] [unk]",
    "",
    "   ",
    "a\u200bn the\u0000dog \ufffd fox\u00a0dog",
    "x" * 101 + " the",
    "e" * 100 + " dog",
    "！，。the？",
    "🦊 fox🦊dog",
]
PAIRS = [
    ("the quick brown fox", "jumps over"), ("the dog", "the quick brown fox jumps over the lazy dog"),
    ("the quick brown fox jumps over the lazy dog", "a dog"), ("the quick brown fox over", "the quick brown dog over"), ("", "fox"),
]


def word_piece():
    cases = []
    for lower in (True, False):
        tokenizer = BertTokenizer(vocab={piece: i for i, piece in enumerate(PIECES)}, do_lower_case=lower)
        for length in (8, 24):
            for special in (True, False):
                for text, pair in [(text, None) for text in TEXTS] + PAIRS:
                    ids = tokenizer(text, pair, add_special_tokens=special, truncation="longest_first", max_length=length, padding="max_length")
                    cases.append({"lowercase": lower, "maxLength": length, "specialTokens": special, "text": text, "pair": pair,
                                  "ids": ids["input_ids"]})
    write("datasets/src/front-ends/word-piece/word-piece.fixture.json", {"vocabulary": PIECES, "cases": cases})


MERGES = ["t h", "th e</w>", "d o", "do g</w>", "f o", "fo x</w>", "q u", "c a", "l l</w>", "' s</w>", "1 2", "Ã ©</w>"]


def bytes_to_unicode():
    """The printable stand-ins of the bytes, as GPT-2 has them."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    out, extra = [], 0
    for byte in range(256):
        out.append(chr(byte) if byte in kept else chr(256 + extra))
        extra += byte not in kept
    return out


def byte_pair():
    letters = bytes_to_unicode()
    pieces = letters + [letter + "</w>" for letter in letters] + ["".join(m.split()) for m in MERGES] + ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=[tuple(m.split()) for m in MERGES])
    texts = ["the dog", "The DOG's fox, quick!", "café cafe\u0301 CAFÉ", "12 123", "  the\n\tdog ", "they'll don't", "中国 the", "🦊 fox", "",
             "the dog <|endoftext|> fox", "a (quick) $t$ dog... 2021"]
    cases = []
    for length in (8, 24):
        for text in texts:
            ids = tokenizer(text, truncation=True, max_length=length)["input_ids"]
            cases.append({"maxLength": length, "text": text, "ids": ids + [0] * (length - len(ids))})
    # The bytes by themselves and at the end of a word are written out by the reader.
    write("datasets/src/front-ends/byte-pair/byte-pair.fixture.json", {"letters": "".join(letters), "merges": MERGES, "cases": cases})


def main():
    word_piece()
    byte_pair()


if __name__ == "__main__":
    main()
