package server

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"os"

	"github.com/redstart-db/redstart/internal/config"
)

// readKeyPair reads a certificate with its chain, and its private key, which may be encrypted.
func readKeyPair(certFile, keyFile, pass string) (pair tls.Certificate, err error) {
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return pair, fmt.Errorf("Failed to load certificate: %s: %s", certFile, config.Reason(err))
	}
	if block, _ := pem.Decode(cert); block == nil {
		return pair, fmt.Errorf("Failed to load certificate: %s: no PEM block", certFile)
	}
	key, err := os.ReadFile(keyFile)
	if err == nil {
		key, err = decryptKey(key, []byte(pass))
	}
	if err == nil {
		pair, err = tls.X509KeyPair(cert, key)
	}
	if err != nil {
		return pair, fmt.Errorf("Failed to load private key: %s: %s", keyFile, config.Reason(err))
	}
	return pair, nil
}

var (
	errKeyPass   = errors.New("the key is encrypted, and tls-key-file-pass does not open it")
	errKeyScheme = errors.New("the key is encrypted in a way that is not supported (use PBES2 with AES)")
)

// decryptKey decrypts the private key of a PEM text, if it is encrypted.
func decryptKey(text, pass []byte) ([]byte, error) {
	for rest := text; ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		switch {
		case block == nil:
			return text, nil
		case block.Type == "ENCRYPTED PRIVATE KEY":
			der, err := decryptPKCS8(block.Bytes, pass)
			if err != nil {
				return nil, err
			}
			return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
		case x509.IsEncryptedPEMBlock(block): // what OpenSSL wrote before 1.0: weak, but still in use
			der, err := x509.DecryptPEMBlock(block, pass)
			if err != nil {
				return nil, errKeyPass
			}
			return pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: der}), nil
		}
	}
}

// The parts of an encrypted PKCS #8 key, RFC 5958 and RFC 8018.
type (
	encryptedKey struct {
		Scheme pkix.AlgorithmIdentifier
		Data   []byte
	}
	pbes2Params struct {
		Derivation, Cipher pkix.AlgorithmIdentifier
	}
	pbkdf2Params struct {
		Salt   []byte
		Rounds int
		Length int                      `asn1:"optional"`
		MAC    pkix.AlgorithmIdentifier `asn1:"optional"`
	}
)

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
)

// keyMACs are the hashes of PBKDF2 by object identifier; none is SHA-1.
var keyMACs = map[string]func() hash.Hash{
	"": sha1.New, "1.2.840.113549.2.7": sha1.New, "1.2.840.113549.2.8": sha256.New224, "1.2.840.113549.2.9": sha256.New,
	"1.2.840.113549.2.10": sha512.New384, "1.2.840.113549.2.11": sha512.New,
}

// keyCiphers are the ciphers of PBES2, all in CBC mode, by object identifier.
var keyCiphers = map[string]struct {
	size int
	make func(key []byte) (cipher.Block, error)
}{
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
}

// maxKeyRounds bounds what a file may make the derivation of a key cost: some seconds.
const maxKeyRounds = 10_000_000

func decryptPKCS8(der, pass []byte) ([]byte, error) {
	var key encryptedKey
	var scheme pbes2Params
	var derive pbkdf2Params
	var iv []byte
	if !unmarshal(der, &key) {
		return nil, errors.New("the key is not well formed")
	}
	if !key.Scheme.Algorithm.Equal(oidPBES2) || !unmarshal(key.Scheme.Parameters.FullBytes, &scheme) ||
		!scheme.Derivation.Algorithm.Equal(oidPBKDF2) || !unmarshal(scheme.Derivation.Parameters.FullBytes, &derive) ||
		!unmarshal(scheme.Cipher.Parameters.FullBytes, &iv) {
		return nil, errKeyScheme
	}
	mac, known := keyMACs[derive.MAC.Algorithm.String()]
	kind, ok := keyCiphers[scheme.Cipher.Algorithm.String()]
	if !known || !ok || derive.Rounds < 1 || derive.Rounds > maxKeyRounds {
		return nil, errKeyScheme
	}
	secret, err := pbkdf2.Key(mac, string(pass), derive.Salt, derive.Rounds, kind.size)
	if err != nil {
		return nil, err
	}
	block, err := kind.make(secret)
	if err != nil {
		return nil, err
	}
	if len(iv) != block.BlockSize() || len(key.Data) == 0 || len(key.Data)%block.BlockSize() != 0 {
		return nil, errors.New("the key is not well formed")
	}
	plain := bytes.Clone(key.Data)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, plain)
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > block.BlockSize() || plain[0] != 0x30 { // 0x30: a sequence begins
		return nil, errKeyPass
	}
	return plain[:len(plain)-pad], nil
}

func unmarshal(der []byte, to any) bool {
	rest, err := asn1.Unmarshal(der, to)
	return err == nil && len(rest) == 0
}
